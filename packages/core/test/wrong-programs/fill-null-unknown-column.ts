// TypeScript: Type 'string' is not assignable to type 'never'
// JavaScript: UNKNOWN_COLUMN: column "nota" is not in the frame;… Did you mean "note"?
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.fillNull({ note: '', nota: '' }) // wrong
