import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { checkDelimiter, csvCell, csvField, csvFields, csvValue } from './csv-text.ts'
import { parseJson } from './json-parse.ts'

const expected = (answer: unknown) => (isRefusal(answer) ? answer.expected : answer)

test.each([
  ['a,b', ['a', 'b']],
  ['', [null]],
  [',', [null, null]],
  ['"",', ['', null]],
  ['"a,b","c ""d""",e', ['a,b', 'c "d"', 'e']],
  ['"two\nlines", x ', ['two\nlines', ' x ']],
  ['""""', ['"']],
  ['"a","b', 'a closing quote'],
  ['"a"b,c', 'the delimiter behind a closing quote'],
  ['a"b,c"', 'quotes around the whole field, doubled in it'],
  ['"a" ,b', 'the delimiter behind a closing quote'],
])('%j', (line, fields) => {
  expect(expected(csvFields(line, ','))).toEqual(fields)
})

const TEXT = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'ü') })

test('reads the fields that it writes', () => {
  const fields = fc.array(fc.option(TEXT), { minLength: 1 })
  fc.assert(
    fc.property(fields, fc.constantFrom(',', ';', '\t'), (row, delimiter) => {
      const line = row.map(text => (text === null ? '' : csvField(text, delimiter))).join(delimiter)
      expect(csvFields(line, delimiter)).toEqual(row)
    }),
  )
})

const CELLS: readonly [DataType, fc.Arbitrary<CellValue>][] = [
  [t.string(), TEXT],
  [t.boolean(), fc.boolean()],
  [t.int32(), fc.integer()],
  [t.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [t.int64({ as: 'number' }), fc.maxSafeInteger()],
  [t.float64(), fc.double({ noNaN: true, noDefaultInfinity: true })],
  [t.timestamp(), fc.integer({ min: -1e5, max: 1e5 }).map(n => n * 1e3)],
  [t.timestamp({ unit: 'us' }), fc.integer({ min: -8e12, max: 8e12 })],
  [t.timestamp({ unit: 'ns' }), fc.integer({ min: -8e12, max: 8e12 })],
  [t.bytes(), fc.uint8Array().map(bytes => Buffer.from(bytes))],
  [
    t.json(),
    fc
      .json()
      .map(parseJson)
      .filter(value => value !== null) as fc.Arbitrary<CellValue>,
  ],
]

test.each(CELLS)('reads the cells of %s that it writes', (type, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, cell => {
      const line = csvCell({ type, name: 'x', cell, delimiter: ',' })
      const fields = csvFields(line, ',')
      const text = isRefusal(fields) ? null : fields[0]
      expect(toCell(type, csvValue(type, text as string), 'json')).toEqual(cell)
    }),
  )
})

test.each([
  [t.int32(), '12x', 'a whole number of 32 bits'],
  [t.int32(), '0x10', 'a whole number of 32 bits'],
  [t.int32(), ' 1', 'a whole number of 32 bits'],
  [t.float64(), 'NaN', 'a number'],
  [t.float64(), '1,5', 'a number'],
  [t.boolean(), 'yes', 'true or false'],
  [t.timestamp(), 'today', 'ISO 8601 text with a zone, as in 2026-08-01T10:00:00Z'],
  [t.bytes(), 'a', 'bytes as base64 text'],
])('%s refuses %j', (type, text, words) => {
  expect(expected(toCell(type, csvValue(type, text), 'json'))).toBe(words)
})

test('a delimiter is one character that no cell begins with', () => {
  for (const good of [',', ';', '\t', '|', ' ', ':'])
    expect(() => checkDelimiter(good)).not.toThrow()
  for (const bad of ['', ',,', '"', 'a', '1', '\n', '\r', 'ü', 5 as never]) {
    expect(() => checkDelimiter(bad)).toThrow('INVALID_ARGUMENT: a delimiter is one character')
  }
})
