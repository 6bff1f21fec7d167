// TypeScript: Argument of type '"amuont"' is not assignable to parameter of type '"amount" |
// JavaScript: UNKNOWN_COLUMN: column "amuont" is not in the frame;… Did you mean "amount"?
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.select('user_id', 'amuont') // wrong
