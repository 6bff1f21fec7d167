/**
 * What an expression means, written from the law and from nothing of the engine: three-valued
 * logic, exact whole numbers, faults of a record.
 *
 * A fault (overflow, a conversion that is not exact) makes the record one that is skipped; it is
 * thrown as `Fault`. Functions see both sides before they look for nulls; `and`, `or`, `fillNull`
 * and `when` stop where the result is known.
 */
import { type Cell, type ColumnType, FIELDS, type Kind } from './cell.ts'
import type { Coverage } from './coverage.ts'
import { hundredthsText, millionths, millionthsOf, roundedMillionths } from './decimal-oracle.ts'
import type { Expr } from './expression.ts'

/** The record has no result. */
export class Fault extends Error {}

export type Cells = ReadonlyMap<string, Cell>

type Call = Extract<Expr, { op: 'call' }>

export function evaluate(expr: Expr, row: Cells, coverage: Coverage): Cell {
  if (expr.op === 'literal') return expr.value
  if (expr.op === 'column') return row.get(expr.name) ?? null
  const lazy = LAZY[expr.name]
  if (lazy !== undefined) return lazy(expr, arg => seen(expr, arg, row, coverage))
  const args = expr.args.map(arg => seen(expr, arg, row, coverage))
  if (expr.name === 'isNull') return args[0] === null
  if (expr.name === 'isNotNull') return args[0] !== null
  // Milliseconds beside a time are a whole number that a double holds, checked before nulls.
  if (expr.type.kind === 'timestamp' && typeof args[1] === 'bigint') inRange(args[1], 'safe')
  if (args.includes(null)) return null
  const strict = STRICT[expr.name]
  if (strict === undefined) throw new Error(`the oracle does not know ${expr.name}`)
  return strict(args as never[], expr)
}

function seen(call: Call, arg: Expr, row: Cells, coverage: Coverage): Cell {
  const cell = evaluate(arg, row, coverage)
  if (arg.op !== 'literal') coverage.see(call.name, arg.type.kind, cell === null)
  return cell
}

type Lazy = (call: Call, value: (arg: Expr) => Cell) => Cell

const LAZY: Readonly<Record<string, Lazy>> = {
  and: ({ args }, value) => connective(args, value, false),
  or: ({ args }, value) => connective(args, value, true),
  between: ({ args: [input, low, high] }, value) => {
    const order = orderOf(input as Expr)
    const atLeast = ordered(order, value(input as Expr), value(low as Expr), sign => sign >= 0)
    if (atLeast === false) return false
    const atMost = ordered(order, value(input as Expr), value(high as Expr), sign => sign <= 0)
    if (atMost === false) return false
    return atLeast === null || atMost === null ? null : true
  },
  fillNull: ({ args, type }, value) => {
    for (const arg of args) {
      const cell = value(arg)
      if (cell !== null) return asKind(cell, type.kind)
    }
    return null
  },
  when: ({ args }, value) => {
    for (let i = 0; i + 1 < args.length; i += 2) {
      if (value(args[i] as Expr) === true) return value(args[i + 1] as Expr)
    }
    return value(args.at(-1) as Expr)
  },
}

/** A literal takes the kind of what stands beside it. */
function asKind(cell: Cell, kind: Kind): Cell {
  if (kind === 'decimal') return hundredths(millionths(cell))
  return kind === 'int64' && typeof cell === 'number' ? BigInt(cell) : cell
}

/** false and x = false, true or x = true; else null wins over the other value. */
function connective(args: readonly Expr[], value: (arg: Expr) => Cell, decisive: boolean): Cell {
  let hasNull = false
  for (const arg of args) {
    const cell = value(arg)
    if (cell === decisive) return decisive
    hasNull ||= cell === null
  }
  return hasNull ? null : !decisive
}

type Order = (left: Cell, right: Cell) => number

function ordered(
  order: Order,
  left: Cell,
  right: Cell,
  holds: (sign: number) => boolean,
): boolean | null {
  return left === null || right === null ? null : holds(order(left, right))
}

/** The text of decimals is ordered by what it says. */
export function orderOf({ type }: Pick<Expr, 'type'>): Order {
  return type.kind === 'decimal' ? compareDecimals : compare
}

function compareDecimals(left: Cell, right: Cell): number {
  const [a, b] = [millionths(left), millionths(right)]
  return a < b ? -1 : Number(a > b)
}

function hundredths(value: bigint): Cell {
  const text = hundredthsText(value)
  if (text === null) throw new Fault('overflow')
  return text
}

/** Numbers by size with NaN the greatest, text by code point, bytes by byte, false before true. */
function compare(left: Cell, right: Cell): number {
  if (typeof left === 'string')
    return compareLists([...left].map(point), [...(right as string)].map(point))
  if (Buffer.isBuffer(left)) return compareLists([...left], [...(right as Buffer)])
  if (typeof left === 'boolean') return Number(left) - Number(right)
  const [a, b] = [left as number, right as number]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -1 : a > b ? 1 : 0
}

function point(character: string): number {
  return character.codePointAt(0) as number
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((each, i) => each !== right[i])
  if (at < 0) return left.length - right.length
  return at >= right.length ? 1 : (left[at] as number) - (right[at] as number)
}

type Strict = (args: never[], call: Call) => Cell

const compared =
  (holds: (order: number) => boolean): Strict =>
  ([left, right]: Cell[], { args: [first] }) =>
    holds(orderOf(first as Expr)(left as Cell, right as Cell))

const arithmetic =
  (of: (left: number, right: number) => number, exact: (l: bigint, r: bigint) => bigint): Strict =>
  ([left, right]: (number | bigint)[], { type, name }) => {
    const [a, b = 0] = [left as number | bigint, right]
    if (type.kind === 'decimal') {
      const factor = name === 'mul' ? BigInt(b) : millionths(b)
      return hundredths(exact(millionths(a), factor))
    }
    if (type.kind === 'float64') return of(Number(a), Number(b))
    if (name === 'mod' && BigInt(b) === 0n) throw new Fault('mod 0')
    return inRange(exact(BigInt(a), BigInt(b)), type.kind)
  }

const RANGES: { readonly [K in Kind]?: readonly [bigint, bigint] } = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  safe: [1n - 2n ** 53n, 2n ** 53n - 1n],
  timestamp: [-8_640_000_000_000_000n, 8_640_000_000_000_000n],
}

/** A whole number in its kind. */
function inRange(value: bigint, kind: Kind): Cell {
  const [least, greatest] = RANGES[kind] as readonly [bigint, bigint]
  if (value < least || value > greatest) throw new Fault('overflow')
  return kind === 'int64' ? value : Number(value)
}

const STRICT: Readonly<Record<string, Strict>> = {
  add: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  mod: arithmetic(
    (a, b) => a % b,
    (a, b) => a % b,
  ),
  neg: arithmetic(
    a => -a,
    a => -a,
  ),
  abs: arithmetic(
    a => Math.abs(a),
    a => (a < 0n ? -a : a),
  ),
  div: ([left, right]: number[]) => (left as number) / (right as number),
  floor: ([value]: number[], call) => roundedAs(call, value as number, 0),
  ceil: ([value]: number[], call) => roundedAs(call, value as number, 0),
  round: ([value, digits = 0]: number[], call) => roundedAs(call, value as number, digits),
  eq: compared(order => order === 0),
  ne: compared(order => order !== 0),
  gt: compared(order => order > 0),
  gte: compared(order => order >= 0),
  lt: compared(order => order < 0),
  lte: compared(order => order <= 0),
  isIn: ([value, ...list]: Cell[], { args: [first] }) => {
    const order = orderOf(first as Expr)
    return list.some(each => order(value as Cell, each) === 0)
  },
  not: ([value]: boolean[]) => !value,
  upper: ([text]: string[]) => (text as string).toUpperCase(),
  lower: ([text]: string[]) => (text as string).toLowerCase(),
  trim: ([text]: string[]) => (text as string).trim(),
  concat: (parts: string[]) => parts.join(''),
  startsWith: ([text, part]: string[]) => (text as string).indexOf(part as string) === 0,
  endsWith: ([text, part]: string[]) =>
    (part as string) === '' || (text as string).slice(-(part as string).length) === part,
  contains: ([text, part]: string[]) =>
    (text as string).split(part as string).length > 1 || part === '',
  length: ([value]: Cell[]) => {
    if (typeof value === 'string') return [...value].length
    if (Array.isArray(value) || Buffer.isBuffer(value)) return value.length
    throw new Fault('nothing to count')
  },
  get: ([value, key]: Cell[]) => {
    const isRight = typeof value === 'object' && Array.isArray(value) === (typeof key === 'number')
    if (!isRight) throw new Fault('no such part')
    const parts = new Map<string, Cell>(Object.entries(value as object))
    return parts.get(String(key)) ?? null
  },
  truncate: ([time, step]: number[]) => (time as number) - modulo(time as number, step as number),
  as: ([cell]: Cell[], { args, type }) =>
    cast(cell as Cell, (args[0] as Expr).type.kind, type.kind),
}

function roundedAs({ name, type }: Call, value: number, digits: number): Cell {
  if (type.kind === 'decimal') {
    return hundredths(roundedMillionths(name, millionths(value), digits))
  }
  if (name === 'round') return rounded(value, digits)
  return name === 'floor' ? Math.floor(value) : Math.ceil(value)
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

/** Halves away from zero, by the exact binary value; beyond 2^52 there is nothing to round. */
function rounded(value: number, digits: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value
  // A double below 2^52 is a whole multiple of 2^-1074; most of these have few places.
  let places = 0
  let scaled = Math.abs(value)
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    places++
  }
  const divisor = 1n << BigInt(places)
  const units = (BigInt(scaled) * 10n ** BigInt(digits) * 2n + divisor) / (divisor * 2n)
  return Math.sign(value) * Number(`${units}e-${digits}`) + 0
}

function cast(cell: Cell, from: Kind, to: Kind): Cell {
  if (to === 'string') {
    return from === 'timestamp' ? new Date(cell as number).toISOString() : String(cell)
  }
  if (to === 'json') return jsonOf(cell)
  if (to === 'list' || to === 'struct') return nestedOf(cell, to)
  if (to === 'decimal') return toDecimal(cell, from)
  if (from === 'decimal') return Number(cell)
  if (from === 'string') {
    if (!/^-?\d+$/.test(cell as string)) throw new Fault('no number')
    return inRange(BigInt(cell as string), to)
  }
  if (from === 'float64' && !Number.isInteger(cell)) throw new Fault('not whole')
  if (to !== 'float64') return inRange(BigInt(cell as number), to)
  if (BigInt(Number(cell)) !== BigInt(cell as bigint)) throw new Fault('not exact')
  return Number(cell)
}

/** In json there are no other whole numbers than doubles. */
function jsonOf(cell: Cell): Cell {
  if (typeof cell === 'bigint') {
    if (BigInt(Number(cell)) !== cell) throw new Fault('not exact')
    return Number(cell)
  }
  if (Array.isArray(cell)) return cell.map(jsonOf)
  if (typeof cell !== 'object' || cell === null) return cell
  return Object.fromEntries(Object.entries(cell).map(([name, part]) => [name, jsonOf(part)]))
}

/** What json holds, in lists and structs: a field that is not there is null. */
function nestedOf(cell: Cell, to: 'list' | 'struct'): Cell {
  const isArray = Array.isArray(cell)
  if (typeof cell !== 'object' || isArray !== (to === 'list')) throw new Fault('another shape')
  if (isArray) return cell.map(item => partOf(item, { kind: 'string', isNullable: true }))
  const parts = new Map<string, Cell>(Object.entries(cell as object))
  return Object.fromEntries(
    [...FIELDS].map(([name, type]) => [name, partOf(parts.get(name) ?? null, type)]),
  )
}

function partOf(cell: Cell, { kind, isNullable }: ColumnType): Cell {
  if (cell === null) {
    if (isNullable) return null
    throw new Fault('null')
  }
  if (kind === 'list') return nestedOf(cell, kind)
  if (kind === 'decimal') return toDecimal(cell, typeof cell === 'number' ? 'float64' : 'string')
  if (kind === 'string' ? typeof cell !== 'string' : !Number.isInteger(cell)) {
    throw new Fault('another type')
  }
  return kind === 'string' ? cell : inRange(BigInt(cell as number), kind)
}

function toDecimal(cell: Cell, from: Kind): Cell {
  const value = from === 'string' ? millionthsOf(cell as string) : millionths(cell)
  if (value === null) throw new Fault('no decimal')
  return hundredths(value)
}
