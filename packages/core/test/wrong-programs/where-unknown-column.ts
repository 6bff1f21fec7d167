// TypeScript: Property 'amuont' does not exist on type 'Columns<… Did you mean 'amount'?
// JavaScript: UNKNOWN_COLUMN: column "amuont" is not in the frame;… Did you mean "amount"?
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.where(c => c.amuont.gt(50)) // wrong
