import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../../schema/data-type.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import type { Cell, CellField } from './cell.ts'
import { rowReader, rowWriter } from './row-format.ts'

const fieldsOf = (types: readonly (readonly [string, DataType])[]): CellField[] =>
  types.map(([name, type]) => ({ name, type }))

function written(fields: readonly CellField[], cells: readonly Cell[], rest?: Cell): Buffer {
  const out = new ByteWriter()
  rowWriter(fields, rest !== undefined).write(cells, rest ?? null, out)
  return out.copy()
}

const PURCHASE = fieldsOf([
  ['user_id', t.string()],
  ['amount', t.float64()],
  ['note', t.string().nullable()],
])

describe('a row', () => {
  test('comes back, cell by cell', () => {
    const cells: Cell[] = []
    const reader = rowReader(PURCHASE)
    expect(reader.read(written(PURCHASE, ['ada', 1.5, null]), cells)).toBe(null)
    expect(cells).toEqual(['ada', 1.5, null])
    reader.read(written(PURCHASE, ['bo', 2, 'x']), cells)
    expect(cells).toEqual(['bo', 2, 'x'])
  })

  test('keeps columns of any name', () => {
    const names = ['then', 'constructor', '__proto__', '"', '\u2028', '', 'ß']
    const fields = fieldsOf(names.map(name => [name, t.string()]))
    const cells: Cell[] = []
    rowReader([...fields].reverse()).read(written(fields, names), cells)
    expect(cells).toEqual([...names].reverse())
  })

  test('of an open schema carries the rest object, bigints included', () => {
    const rest = { a: [1, { b: 12n }], ['__proto__']: 1 }
    const bytes = written(PURCHASE, ['ada', 1, null], rest)
    const cells: Cell[] = []
    expect(rowReader(PURCHASE).read(bytes, cells)).toEqual(rest)
    expect(cells).toEqual(['ada', 1, null])
  })

  test('of another plan is matched by name', () => {
    const other = fieldsOf([
      ['amount', t.int32()],
      ['more', t.json()],
      ['user_id', t.string()],
    ])
    const reader = rowReader(PURCHASE)
    const cells: Cell[] = []
    reader.read(written(PURCHASE, ['bo', 2, 'kept?']), cells)
    reader.read(written(other, [7, { deep: [1] }, 'ada']), cells)
    expect(cells).toEqual(['ada', 7, null])
    reader.read(written(PURCHASE, ['bo', 2, 'x']), cells)
    expect(cells).toEqual(['bo', 2, 'x'])
  })
})

describe('is refused', () => {
  const reader = rowReader(PURCHASE)
  const read = (bytes: Uint8Array): Cell => reader.read(bytes, [])

  test('without a required column, which is named', () => {
    const bytes = written(fieldsOf([['user_id', t.string()]]), ['ada'])
    expect(() => read(bytes)).toThrow('expected the column "amount", got the columns "user_id"')
  })

  test('when a cell does not fit its column', () => {
    const fields = fieldsOf([
      ['user_id', t.string()],
      ['amount', t.string()],
    ])
    expect(() => read(written(fields, ['ada', 'much']))).toThrow(
      'expected a cell of type float64 for column "amount", got the string "much"',
    )
  })

  test('when it is cut off, longer, of another version or with unknown flags', () => {
    const bytes = written(PURCHASE, ['ada', 1.5, null])
    for (let size = 0; size < bytes.length; size++) {
      expect(() => read(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
    }
    expect(() => read(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('expected the end')
    expect(() => read(Buffer.concat([Buffer.of(2), bytes.subarray(1)]))).toThrow('version 2')
    expect(() => read(Buffer.concat([Buffer.of(1, 2), bytes.subarray(2)]))).toThrow('flags 2')
  })

  test('by the writer when a required cell is null', () => {
    expect(() => written(PURCHASE, [null, 1, null])).toThrow(/ENCODE_FAILED.*column "user_id"/)
  })
})
