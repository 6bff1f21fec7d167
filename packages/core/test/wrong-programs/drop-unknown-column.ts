// TypeScript: Argument of type '"notes"' is not assignable to parameter of type '"amount" |
// JavaScript: UNKNOWN_COLUMN: column "notes" is not in the frame;… Did you mean "note"?
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.drop('notes') // wrong
