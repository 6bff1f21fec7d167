// TypeScript: 'this frame does not fit the topic': { amount: { frame: number; topic: string; }; }
// JavaScript: SCHEMA_MISMATCH:… column "amount" must be string and is float64; cast it
import { json, schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { app, purchases } = shop()
const totals = app.topic('totals', { value: json(schema({ amount: t.string() })) })
purchases.select('amount').toTopic(totals) // wrong
