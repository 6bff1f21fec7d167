// TypeScript: nothing; an object may stand on the left of && and TypeScript asks no more.
// JavaScript: INVALID_ARGUMENT: where makes the condition amount > 50 and does not use it
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => c.amount.gt(50) && c.note.isNull()) // wrong
