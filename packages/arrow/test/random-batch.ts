/**
 * Batches of any schema with any cells, extremes among them; some records are not selected, some
 * are tombstones. For property tests, with the rows that a file of the batch must hold.
 */
import {
  type Batch,
  bitmapBytes,
  type CellValue,
  type Column,
  columnOf,
  type DataType,
  decimalText,
  type Row,
  rowsOf,
  Schema,
  setBit,
  type TypeKind,
  t,
} from '@millrace/core'
import fc from 'fast-check'
import { batchOfColumns } from '../src/ipc/ipc-rows.ts'

export interface RandomBatch {
  readonly batch: Batch
  /** Rows that are selected and no tombstones. */
  readonly rows: readonly Row[]
}

const TIME_MAX = 8.64e15
const DECIMAL = t.decimal(38, 10)

const CELLS: { readonly [K in TypeKind]: fc.Arbitrary<CellValue> } = {
  string: fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }).map(wellFormed), fc.constant('')),
  boolean: fc.boolean(),
  int32: fc.oneof(fc.integer(), fc.constantFrom(0, -(2 ** 31), 2 ** 31 - 1)),
  int64: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(0n, -(2n ** 63n), 2n ** 63n - 1n),
  ),
  float64: fc.double(),
  decimal: fc
    .oneof(
      fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
      fc.integer().map(BigInt),
      fc.constantFrom(0n, 10n ** 38n - 1n, 1n - 10n ** 38n, 2n ** 64n, -(2n ** 63n)),
    )
    .map(units => decimalText(units, DECIMAL.scale)),
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 4_000_000_000_000 }),
    fc.constantFrom(0, -1, -TIME_MAX, TIME_MAX),
  ),
  bytes: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
  list: fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 9 }).map(wellFormed)), {
    maxLength: 4,
  }) as fc.Arbitrary<CellValue>,
  struct: fc.record({
    n: fc.option(fc.integer()),
    lists: fc.array(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 }),
      {
        maxLength: 3,
      },
    ),
    within: fc.option(fc.record({ yes: fc.boolean(), real: fc.double() })),
  }),
  // Whole numbers beyond 2^53 come back as bigint.
  json: fc
    .jsonValue({ maxDepth: 2 })
    .filter(
      value => value !== null && !/\d{16}/.test(JSON.stringify(value)),
    ) as fc.Arbitrary<CellValue>,
}
const KINDS = Object.keys(CELLS) as TypeKind[]

/** @param kinds of the columns; default all. */
export function randomBatch(kinds: readonly TypeKind[] = KINDS): fc.Arbitrary<RandomBatch> {
  const type = fc
    .tuple(fc.constantFrom(...kinds), fc.boolean())
    .map(([kind, isNullable]): DataType => {
      const type = typeOf(kind)
      return isNullable ? type.nullable() : type
    })
  return fc
    .record({ types: fc.array(type, { minLength: 1, maxLength: 6 }), count: fc.nat({ max: 40 }) })
    .chain(({ types, count }) =>
      fc
        .record({
          columns: fc.tuple(...types.map(of => columnOfType(of, count))),
          selected: fc.option(fc.array(fc.boolean(), { minLength: count, maxLength: count })),
          tombstones: fc.option(fc.array(fc.boolean(), { minLength: count, maxLength: count })),
        })
        .map(({ columns, selected, tombstones }) => {
          const schema = new Schema(types.map((of, i) => ({ name: `c${i}`, type: of })))
          return made(batchOfColumns(schema, columns, count), selected, tombstones)
        }),
    )
}

function typeOf(kind: TypeKind): DataType {
  if (kind === 'decimal') return DECIMAL
  if (kind === 'list') return t.list(t.string().nullable())
  if (kind !== 'struct') return t[kind]()
  return t.struct({
    n: t.int32().nullable(),
    lists: t.list(t.list(t.int64())),
    within: t.struct({ yes: t.boolean(), real: t.float64() }).nullable(),
  })
}

function columnOfType(type: DataType, count: number): fc.Arbitrary<Column> {
  const cell = CELLS[type.kind]
  const cells = type.isNullable ? fc.option(cell, { nil: null, freq: 3 }) : cell
  return fc.array(cells, { minLength: count, maxLength: count }).map(list => columnOf(type, list))
}

function made(
  whole: Batch,
  selected: readonly boolean[] | null,
  tombstones: readonly boolean[] | null,
): RandomBatch {
  const all = Array.from({ length: whole.length }, (_, i) => i)
  const selection = selected === null ? null : Int32Array.from(all.filter(i => selected[i]))
  const bits = new Uint8Array(bitmapBytes(whole.length))
  for (const i of all) if (tombstones?.[i] === true) setBit(bits, i)
  const records = { ...whole.records, tombstones: tombstones === null ? null : bits }
  const batch = whole.with({ selection, records })
  const rowAt = rowsOf(whole)
  const rows = all
    .filter(i => selected?.[i] !== false && tombstones?.[i] !== true)
    .map(i => rowAt(i))
  return { batch, rows }
}

/** As it comes back from UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** Indices of the rows to write, as a files sink gives them. */
export function indicesOf(batch: Batch): Int32Array {
  const nths = Array.from({ length: batch.count }, (_, nth) => batch.at(nth))
  return Int32Array.from(nths.filter(index => !batch.isTombstone(index)))
}
