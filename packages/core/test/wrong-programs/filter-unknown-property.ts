// TypeScript: Property 'notes' does not exist on type 'Readonly<{… Did you mean 'note'?
// JavaScript: no error: a function meets its row when the row comes, and may look for what it likes
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.filter(row => row.notes !== 'test') // wrong
