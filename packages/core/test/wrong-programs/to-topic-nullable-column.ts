// TypeScript: does not fit the topic': { note: { frame: string | null; topic: string; }; }
// JavaScript: SCHEMA_MISMATCH:… column "note" must not be null and is string?; use fillNull
import { json, schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { app, purchases } = shop()
const notes = app.topic('notes', { value: json(schema({ note: t.string() })) })
purchases.select('note').toTopic(notes) // wrong
