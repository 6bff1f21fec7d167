/**
 * Types and cells of the generated data, and their JSON text: what the generator, the builder and
 * the oracle share. Written anew here, so that a fault of the engine's own types is not repeated.
 */
import { type DataType, t } from '@millrace/core'
import type { Random } from '../../random.ts'

export const KINDS = [
  'string',
  'boolean',
  'int32',
  'int64',
  'safe',
  'float64',
  'decimal',
  'timestamp',
  'bytes',
  'list',
  'struct',
  'json',
] as const

/**
 * `int64` is given as bigint, `safe` is int64 given as a number. A `list` is of text with nulls, a
 * `struct` has the `FIELDS`.
 */
export type Kind = (typeof KINDS)[number]

export type Cell = string | number | bigint | boolean | Buffer | object | null

export interface ColumnType {
  readonly kind: Kind
  readonly isNullable: boolean
}

export interface Column extends ColumnType {
  readonly name: string
  /** Sums of whole numbers of it cannot overflow. */
  readonly isSummable: boolean
}

/** They hold other values: no order, no groups of them. */
export const NESTED: readonly Kind[] = ['list', 'struct', 'json']

/** Of every struct. */
export const FIELDS: ReadonlyMap<string, ColumnType> = new Map([
  ['n', { kind: 'int32', isNullable: true }],
  ['constructor', { kind: 'string', isNullable: false }],
  ['price', { kind: 'decimal', isNullable: true }],
  ['id', { kind: 'int64', isNullable: false }],
  ['tags', { kind: 'list', isNullable: true }],
])

/** Column names that break what was built without care. */
export const ODD_NAMES: readonly string[] = [
  'then',
  'constructor',
  '__proto__',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'prototype',
  'length',
  'with space',
  'quo"te',
  "apo'strophe",
  'back`tick$',
  'back\\slash',
  'line\u2028separator',
  'ключ',
  '😀',
  'a.b',
  '0',
  'x',
  'y',
  'z',
  'get',
  'row',
]

/** Times have a unit, as computed ones may look like another. */
const TYPES: { readonly [K in Kind]?: () => DataType } = {
  safe: () => t.int64({ as: 'number' }),
  timestamp: () => t.timestamp({ unit: 'ms' }),
  // Sums of these are of the same type.
  decimal: () => t.decimal(38, 2),
  list: () => t.list(t.string().nullable()),
  struct: () =>
    t.struct(Object.fromEntries([...FIELDS].map(([name, type]) => [name, dataType(type)]))),
}

export function dataType({ kind, isNullable }: ColumnType): DataType {
  const type = TYPES[kind]?.() ?? t[kind as Exclude<Kind, 'safe' | 'decimal' | 'list' | 'struct'>]()
  return isNullable ? type.nullable() : type
}

export function isNumeric(kind: Kind): boolean {
  return kind === 'int32' || kind === 'int64' || kind === 'safe' || kind === 'float64'
}

/** Event times of the data begin here. */
export const EPOCH = 1_700_000_000_000

/** Some are lists and structs, others nearly. */
const JSON_CELLS: readonly Cell[] = [
  ...[1, 'text', true, [1, 'x'], { a: 1, b: null }, {}],
  ...[['x', null], []],
  { n: 1, constructor: 'c', price: '1.50', id: 5, tags: ['y'], more: 0 },
  { constructor: '', id: -3, n: 'no number' },
]

const CELLS: { readonly [K in Kind]: (random: Random) => Cell } = {
  string: random =>
    random.pick([
      '',
      'a',
      'b',
      'A',
      ' a ',
      'äß',
      'é',
      '😀',
      '\ud7ff',
      '\uffee',
      'null',
      'ab"c\\',
      '\u2028',
      '12',
    ]),
  boolean: random => random.chance(0.5),
  int32: random =>
    random.chance(0.1)
      ? random.pick([-(2 ** 31), 2 ** 31 - 1, 65_536, -65_536])
      : random.int(-5, 20),
  int64: random =>
    random.chance(0.3)
      ? random.pick([2n ** 55n + 1n, -(2n ** 55n) - 3n, 2n ** 53n + 1n, -(2n ** 53n) - 1n])
      : BigInt(random.int(-5, 20)),
  safe: random =>
    random.chance(0.1) ? random.pick([2 ** 43 + 1, -(2 ** 43) - 1]) : random.int(-5, 20),
  float64: random =>
    random.chance(0.6)
      ? random.int(-2_000, 2_000) / 100
      : random.pick([0, -0, 0.1, 0.2, 1e16, -1e16, 1, 1e300, -1e300, 5e-324, 2.5, -2.5, 1.5e308]),
  decimal: random =>
    random.chance(0.3)
      ? random.pick([
          '90071992547409.93',
          '1234567890123456789012345678.91',
          '-18446744073709551616.00',
        ])
      : random.pick(['0.00', '-0.05', '0.05', '9.99', '10.00', '-12.30', '100.50', '7.00']),
  timestamp: random => EPOCH + random.int(-10_000, 10_000),
  bytes: random => Buffer.from(random.pick(['', '00', 'ff', '0001', '61', 'c3'].slice()), 'hex'),
  list: random => random.pick([[], ['a'], [null], ['', null, 'b'], ['äß', '😀', '"\\']]),
  struct: random =>
    Object.fromEntries([...FIELDS].map(([name, type]) => [name, randomCell(random, type)])),
  json: random => random.pick(JSON_CELLS),
}

export function randomCell(random: Random, { kind, isNullable }: ColumnType): Cell {
  return isNullable && random.chance(0.25) ? null : CELLS[kind](random)
}

export function randomColumn(random: Random, name: string): Column {
  return { name, kind: random.pick(KINDS), isNullable: random.chance(0.6), isSummable: true }
}

/** The JSON text of a cell as a producer would write it. */
export function cellJson(kind: Kind, cell: Cell): string {
  if (cell === null) return 'null'
  if (kind === 'bytes') return JSON.stringify((cell as Buffer).toString('base64'))
  if (kind === 'struct') {
    const fields = Object.entries(cell).map(([name, part]) => fieldJson(name, part))
    return `{${fields.join(',')}}`
  }
  if (typeof cell === 'bigint') return String(cell)
  return Object.is(cell, -0) ? '-0' : JSON.stringify(cell)
}

/** A field of a struct, with its name. */
export function fieldJson(name: string, cell: Cell): string {
  return `${JSON.stringify(name)}:${cellJson((FIELDS.get(name) as ColumnType).kind, cell)}`
}

/** One text for equal cells: -0 is 0, bytes are hex. */
export function canonical(cell: unknown): string {
  if (cell === null || cell === undefined) return 'null'
  if (typeof cell === 'bigint') return `${cell}n`
  if (typeof cell === 'number') return String(cell === 0 ? 0 : cell)
  if (cell instanceof Uint8Array) return `0x${Buffer.from(cell).toString('hex')}`
  if (Array.isArray(cell)) return `[${cell.map(canonical).join(',')}]`
  if (typeof cell !== 'object') return JSON.stringify(cell)
  const parts = Object.entries(cell).map(([name, part]) => {
    return `${JSON.stringify(name)}:${canonical(part)}`
  })
  return `{${parts.join(',')}}`
}
