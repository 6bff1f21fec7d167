import { type DataType as ColumnType, rowsOf, Schema, t } from '@millrace/core'
import {
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  tableToIPC,
  Uint32,
  Uint64,
  Utf8,
  Utf8View,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOfColumns, readIpc } from '../ipc/ipc-rows.ts'

/** Cells of one column, written by apache-arrow and read here. */
function read(type: DataType, cells: readonly unknown[], as?: ColumnType): unknown[] {
  const table = new Table({ c: vectorFromArray(cells as never, type) })
  const declared = as === undefined ? undefined : new Schema([{ name: 'c', type: as.nullable() }])
  const { schema, batches } = readIpc(tableToIPC(table, 'stream'), declared, 'test')
  return batches.flatMap(({ columns, length }) => {
    const rowAt = rowsOf(batchOfColumns(schema, columns, length))
    return Array.from({ length }, (_, i) => rowAt(i)['c'])
  })
}

test('narrow numbers are widened, wide ones kept', () => {
  expect(read(new Int8(), [-128, null, 127])).toEqual([-128, null, 127])
  expect(read(new Int16(), [-32_768, 5])).toEqual([-32_768, 5])
  expect(read(new Uint32(), [4_294_967_295, 0])).toEqual([4_294_967_295n, 0n])
  expect(read(new Uint64(), [2n ** 63n - 1n, null])).toEqual([2n ** 63n - 1n, null])
  expect(read(new Float32(), [0.5, null])).toEqual([0.5, null])
  expect(read(new Bool(), [true, null, false])).toEqual([true, null, false])
  expect(() => read(new Uint64(), [2n ** 63n])).toThrow('above 2^63 - 1')
})

test('integers are read as wider types, or as the nearest double', () => {
  const ints = [-(2 ** 31), -1, null, 0, 2 ** 31 - 1]
  expect(read(new Int32(), ints, t.int64())).toEqual([-(2n ** 31n), -1n, null, 0n, 2n ** 31n - 1n])
  expect(read(new Int32(), ints, t.int64({ as: 'number' }))).toEqual(ints)
  expect(read(new Int16(), [-5, null], t.float64())).toEqual([-5, null])
  const wide = fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: null })
  fc.assert(
    fc.property(fc.array(wide, { minLength: 1, maxLength: 20 }), cells => {
      const found = read(new Int64(), cells, t.float64())
      expect(found).toEqual(cells.map(cell => (cell === null ? null : Number(cell))))
    }),
    { numRuns: 200, examples: [[[2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 53n + 3n, -1n]]] },
  )
})

test('texts of every layout are read', () => {
  const texts = ['', 'å', null, 'a text that is longer than twelve bytes']
  for (const type of [new Utf8(), new LargeUtf8(), new Utf8View()]) {
    expect(read(type, texts)).toEqual(texts)
  }
  const dictionary = new Dictionary(new Utf8(), new Int32())
  expect(read(dictionary, ['a', 'b', null, 'a'])).toEqual(['a', 'b', null, 'a'])
})

test('times are milliseconds, cut off towards the past', () => {
  const ms = 1_700_000_000_123
  expect(read(new TimestampSecond(), [1_700_000_000_000])).toEqual([1_700_000_000_000])
  expect(read(new TimestampMicrosecond(), [ms, -1, null])).toEqual([ms, -1, null])
  expect(read(new TimestampNanosecond(), [ms])).toEqual([ms])
  expect(read(new DateDay(), [new Date('2026-01-02')])).toEqual([Date.UTC(2026, 0, 2)])
})

test('decimals are their digits', () => {
  const words = [Uint32Array.of(12_345, 0, 0, 0), Uint32Array.of(0xffff_ffff, -1, -1, -1)]
  expect(read(new Decimal(3, 20), words)).toEqual(['12.345', '-0.001'])
  expect(read(new Decimal(3, 20), words, t.string())).toEqual(['12.345', '-0.001'])
  expect(read(new Decimal(3, 20), words, t.decimal(25, 5))).toEqual(['12.34500', '-0.00100'])
  expect(read(new Decimal(3, 20), words, t.float64())).toEqual([12.345, -0.001])
  expect(() => read(new Decimal(3, 20), words, t.decimal(20, 2))).toThrow('SCHEMA_MISMATCH')
})

test('decimals with more digits than their type says are refused', () => {
  const words = [Uint32Array.of(12_345, 0, 0, 0)]
  expect(read(new Decimal(3, 5), words)).toEqual(['12.345'])
  expect(() => read(new Decimal(3, 4), words)).toThrow('a decimal has more than its 4 digits')
  const large = [Uint32Array.of(0, 0, 1, 0)]
  expect(read(new Decimal(0, 20), large)).toEqual(['18446744073709551616'])
  expect(() => read(new Decimal(0, 19), large)).toThrow('more than its 19 digits')
})

test('lists and structs are JSON values', () => {
  const item = new Field('item', new Utf8(), true)
  expect(read(new List(item), [['a', null], [], null])).toEqual([['a', null], [], null])
  const pair = new FixedSizeList(2, new Field('item', new Int32(), true))
  expect(read(pair, [[1, 2], null])).toEqual([[1, 2], null])
  const struct = new Struct([
    new Field('n', new Uint32(), true),
    new Field('list', new List(item), true),
  ])
  const cells = [{ n: 1, list: ['x'] }, null]
  expect(read(struct, cells)).toEqual([{ n: 1n, list: ['x'] }, null])
})
