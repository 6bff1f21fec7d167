// TypeScript: Type '"tss"' is not assignable to type
// JavaScript: UNKNOWN_COLUMN: column "tss" is not in the frame;… Did you mean "ts"?
import { json, schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { app } = shop()
const Visit = schema({ ts: t.timestamp() })
app.topic('visits', { value: json(Visit), timestamp: 'tss' }) // wrong
