/**
 * The record behind a failure, as a dead letter carries it.
 *
 * That is the record as it was read, whatever steps have made of it since. Where there is none (an
 * internal topic, an array, the result of a window) it is the row in JSON with its key, headers and
 * timestamp. Called only when a record has failed and is to be kept; never throws for what is in
 * the row: a cell that JSON cannot hold is put in words.
 */
import type { Batch } from '../batch/batch.ts'
import type { Column } from '../batch/column.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import { bounded, describeValue } from '../schema/refusal.ts'
import { cellText, valueText } from '../serde/json-text.ts'

export function failedRecord(batch: Batch, index: number): PlainRecord {
  const { origin, keys, timestamps } = batch.records
  if (origin !== undefined) {
    return origin.read(origin.indices === null ? index : (origin.indices[index] as number))
  }
  const key = keys.get(index) as Uint8Array | null
  return {
    key: key === null ? null : Buffer.from(key),
    value: batch.isTombstone(index) ? null : Buffer.from(rowText(batch, index), 'utf8'),
    timestamp: timestamps[index] as number,
    headers: batch.headers(index),
  }
}

/** Undeclared columns first, as outputs write them. */
function rowText(batch: Batch, index: number): string {
  const texts = new Map<string, string>()
  const rest = batch.rest?.get(index) ?? null
  if (typeof rest === 'object' && rest !== null) {
    for (const [name, value] of Object.entries(rest)) {
      const text = textOrWords(value, name)
      if (text !== undefined) texts.set(name, text)
    }
  }
  for (const [i, { name, type }] of batch.schema.fields.entries()) {
    const cell = (batch.columns[i] as Column).get(index)
    texts.set(name, inWords(cell, () => cellText(type, cell, name)) as string)
  }
  return objectText(texts)
}

/** An object from values that are JSON text already. */
export function objectText(texts: ReadonlyMap<string, string>): string {
  return `{${[...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** JSON text of any value, or words where JSON has none; undefined for what JSON leaves out. */
export function textOrWords(value: unknown, name: string): string | undefined {
  return inWords(value, () => valueText(value, name))
}

/** JSON text, or words where JSON has none: `"NaN"`. */
function inWords(value: unknown, write: () => string | undefined): string | undefined {
  try {
    return write()
  } catch {
    return JSON.stringify(bounded(describeValue(value)))
  }
}
