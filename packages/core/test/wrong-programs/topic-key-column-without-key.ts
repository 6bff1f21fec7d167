// TypeScript: Property 'key' is missing in type
// JavaScript: INVALID_ARGUMENT: topic "totals" has a keyColumn and no key serde
import { shop } from './shop.ts'

const { app } = shop()
app.topic('totals', { keyColumn: 'user_id' }) // wrong
