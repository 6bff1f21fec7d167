// TypeScript: Operator '>' cannot be applied to types
// JavaScript: INVALID_ARGUMENT: amount is an expression, not a value: operators such as >
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => c.amount > 50) // wrong
