import { describe, expect, test } from 'vitest'
import { Batch, gatherRecords } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import { t } from '../schema/data-type.ts'
import { Schema, schema } from '../schema/schema.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { failedRecord, objectText, textOrWords } from './failed-record.ts'

const text = (batch: Batch, index = 0): string | undefined =>
  failedRecord(batch, index).value?.toString()

describe('a record that was read', () => {
  const rows = batchOfRows(schema({ n: t.int32() }), [{ n: 0 }, { n: 1 }, { n: 2 }])
  const read = (index: number) => {
    const value = Buffer.from(`raw ${index}`)
    return { key: null, value, timestamp: index, headers: [] }
  }
  const batch = rows.with({ records: { ...rows.records, origin: { read, indices: null } } })

  test('is given as it was read', () => {
    expect(failedRecord(batch, 1)).toEqual(read(1))
  })

  test('is found behind steps that gather, also several of them', () => {
    const once = gatherRecords(batch.records, Int32Array.of(2, 2, 0))
    const twice = gatherRecords(once, Int32Array.of(2, 1, 1, 0))
    const gathered = new Batch({ ...batch, columns: [], records: twice, selection: null })
    expect([0, 1, 2, 3].map(index => text(gathered, index))).toEqual([
      'raw 0',
      'raw 2',
      'raw 2',
      'raw 2',
    ])
  })
})

describe('a row', () => {
  test('is JSON with its key, headers and timestamp', () => {
    const Row = schema({ s: t.string(), n: t.int64(), b: t.bytes().nullable() })
    const batch = batchOfRows(Row, [
      { s: 'é"', n: 2n ** 60n, b: Uint8Array.of(1) },
      { s: '', n: 0n },
    ])
    const headers = [{ name: 'a', value: null }]
    const records = { ...batch.records, headers: [[], headers] }
    expect(text(batch)).toBe('{"s":"é\\"","n":1152921504606846976,"b":"AQ=="}')
    expect(failedRecord(batch.with({ records }), 1)).toEqual({
      key: null,
      value: Buffer.from('{"s":"","n":0,"b":null}'),
      timestamp: 1,
      headers,
    })
  })

  test('of an open frame has its undeclared columns, each name once', () => {
    const Open = new Schema([{ name: 'n', type: t.float64() }], true)
    expect(text(batchOfRows(Open, [{ n: 1, m: [2] }]))).toBe('{"n":1,"m":[2]}')
  })

  test('that JSON cannot hold is put in words, never lost and never an error', () => {
    const round: Record<string, unknown> = {}
    round['self'] = round
    const thrower = {
      toJSON: () => {
        throw new Error('no')
      },
    }
    const row = { nan: Number.NaN, round, thrower, none: undefined, call: () => 1 }
    const Open = new Schema([{ name: 'inf', type: t.float64() }], true)
    const batch = batchOfRows(Open, [{ ...row, inf: Number.NEGATIVE_INFINITY } as never])
    expect(text(batch)).toBe(
      '{"nan":"NaN","round":"an object","thrower":"an object","inf":"-Infinity"}',
    )
  })

  test('of a tombstone is none', () => {
    const batch = batchOfRows(schema({ n: t.int32() }), [null])
    expect(failedRecord(batch, 0).value).toBe(null)
  })
})

test('names and values of any kind make an object', () => {
  const value: CellValue = 7n
  const texts = new Map([['__proto__', textOrWords(value, 'x') as string]])
  expect(objectText(texts)).toBe('{"__proto__":7}')
  expect(textOrWords(undefined, 'x')).toBe(undefined)
})
