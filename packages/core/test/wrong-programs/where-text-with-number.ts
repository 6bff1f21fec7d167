// TypeScript: Argument of type 'number' is not assignable to parameter of type 'string'
// JavaScript: TYPE_MISMATCH: gt needs two values of one type; 50 is float64. But user_id is string
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => c.user_id.gt(50)) // wrong
