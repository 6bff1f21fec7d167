// TypeScript: Type 'boolean' is not assignable to type 'Expression<boolean | null>'
// JavaScript: INVALID_ARGUMENT: where makes the condition note is null and does not use it
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => !c.note.isNull()) // wrong
