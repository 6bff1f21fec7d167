// TypeScript: Type 'number' is not assignable to type 'string'
// JavaScript: TYPE_MISMATCH: coalesce needs values of one type
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.fillNull({ note: 0 }) // wrong
