// TypeScript: Property 'note' does not exist on type 'Columns<
// JavaScript: UNKNOWN_COLUMN: column "note" is not in the frame; columns are user_id, amount,
import { shop } from './shop.ts'

const { purchases } = shop()
const brief = purchases.drop('note', 'extra')
brief.where(c => c.note.isNotNull()) // wrong
