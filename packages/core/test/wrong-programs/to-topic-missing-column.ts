// TypeScript: does not fit the topic': { total: { frame: "no such column"; topic: number; }; }
// JavaScript: SCHEMA_MISMATCH:… column "total" must be float64 and is not declared
import { json, schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { app, purchases } = shop()
const Total = schema({ user_id: t.string(), total: t.float64() })
const totals = app.topic('totals', { value: json(Total) })
purchases.toTopic(totals) // wrong
