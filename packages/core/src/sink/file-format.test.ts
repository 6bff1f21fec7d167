import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, type Schema, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type FileFormat, jsonLines, type RowWriter } from './file-format.ts'

function written(format: FileFormat, of: Schema, rows: readonly object[]): string {
  const records = rows.map(value => ({ value: value as Record<string, never> }))
  const batch = sourceBatch(records, of, 'all', { name: 'test', partition: 0, firstOffset: 0 })
  const out = new ByteWriter()
  const writer = format.writer(batch.schema) as RowWriter
  writer.begin(out)
  for (let i = 0; i < rows.length; i++) writer.row(batch, i, out)
  return out.copy().toString()
}

test('one JSON object a line, as json() writes it', () => {
  const Row = schema({ a: t.string(), b: t.int64().nullable() })
  const rows = [
    { a: 'x\ny', b: 2n ** 60n },
    { a: '', b: null },
  ]
  expect(written(jsonLines(), Row, rows)).toBe(
    '{"a":"x\\ny","b":1152921504606846976}\n{"a":"","b":null}\n',
  )
})

test('open columns are written too', () => {
  expect(() => jsonLines().check(OPEN_SCHEMA)).not.toThrow()
  expect(written(jsonLines(), OPEN_SCHEMA, [{ a: 1 }, { b: [2] }])).toBe('{"a":1}\n{"b":[2]}\n')
})
