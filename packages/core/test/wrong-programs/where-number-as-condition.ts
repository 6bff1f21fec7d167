// TypeScript: is not assignable to type 'Expression<boolean | null>'
// JavaScript: TYPE_MISMATCH: where needs a condition that is true or false; got one of type float64
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => c.amount.mul(2)) // wrong
