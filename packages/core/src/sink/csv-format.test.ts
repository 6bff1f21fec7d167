import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type CsvFormatOptions, csv } from './csv-format.ts'
import type { RowWriter } from './file-format.ts'

const Row = schema({
  text: t.string().nullable(),
  n: t.float64().nullable(),
  at: t.timestamp({ unit: 's' }).nullable(),
  data: t.bytes().nullable(),
  any: t.json().nullable(),
})
const NONE = { text: null, n: null, at: null, data: null, any: null }

function written(rows: readonly object[], options?: CsvFormatOptions): string {
  const records = rows.map(row => ({ value: { ...NONE, ...row } }))
  const batch = sourceBatch(records, Row, 'all', { name: 'test', partition: 0, firstOffset: 0 })
  const out = new ByteWriter()
  const writer = csv(options).writer(Row) as RowWriter
  writer.begin(out)
  for (let i = 0; i < rows.length; i++) writer.row(batch, i, out)
  return out.copy().toString()
}

test('begins with the columns; null is empty, empty text is quoted', () => {
  expect(written([])).toBe('text,n,at,data,any\n')
  expect(written([NONE, { text: '' }], { header: false })).toBe(',,,,\n"",,,,\n')
})

test('writes each type, and quotes where it must', () => {
  const row = { text: 'a,"b"', n: -0, at: 1_500, data: Buffer.from('hi'), any: { x: ['y'] } }
  expect(written([row], { header: false })).toBe('"a,""b""",-0,1.5,aGk=,"{""x"":[""y""]}"\n')
  expect(written([{ text: 'a;b' }, { text: 'a,b' }], { header: false, delimiter: ';' })).toBe(
    '"a;b";;;;\na,b;;;;\n',
  )
})

test('what has no form is refused', () => {
  expect(() => written([{ n: Number.NaN }])).toThrow('ENCODE_FAILED')
  expect(() => csv().check(OPEN_SCHEMA)).toThrow("Name them before the sink: .select('a', 'b')")
  expect(() => csv({ delimiter: '"' })).toThrow('a delimiter is one character of ASCII')
})
