/**
 * Generated expressions as data: made by `randomExpr`, handed to the engine by `to-columns.ts`, and
 * evaluated independently by `expression-oracle.ts`.
 */
import type { Random } from '../../random.ts'
import { call, columnOf, isNullable } from './call.ts'
import {
  type Cell,
  type Column,
  type ColumnType,
  FIELDS,
  isNumeric,
  KINDS,
  type Kind,
  NESTED,
} from './cell.ts'
import { constant, literal, whole } from './constant.ts'

export type Expr =
  | { readonly op: 'column'; readonly name: string; readonly type: ColumnType }
  | { readonly op: 'literal'; readonly value: Cell; readonly type: ColumnType }
  | {
      readonly op: 'call'
      /** The method of a column: `add`, `isNull`, `as`; or `when`. */
      readonly name: string
      readonly args: readonly Expr[]
      readonly type: ColumnType
    }

/** Scope of an expression: the columns it may use, and how deep it may still go. */
interface Scope {
  readonly random: Random
  readonly columns: readonly Column[]
  readonly depth: number
}

type Maker = (scope: Scope) => Expr | null

const ARITHMETIC = ['add', 'sub', 'mul', 'mod'] as const
const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const
const NUMBERS: readonly Kind[] = ['int32', 'int64', 'safe', 'float64']
const COMPARABLE: readonly Kind[] = [...NUMBERS, 'decimal', 'string', 'timestamp', 'bytes']
const ORDERED: readonly Kind[] = [...NUMBERS, 'decimal', 'string', 'timestamp']
const LISTED: readonly Kind[] = [...NUMBERS, 'decimal', 'string', 'bytes']
const TEXT_TESTS = ['startsWith', 'endsWith', 'contains'] as const

/** An expression of the kind, or null when the columns do not give one. */
export function randomExpr(
  random: Random,
  columns: readonly Column[],
  kind: Kind,
  depth: number,
): Expr | null {
  return made({ random, columns, depth }, kind)
}

function made(scope: Scope, kind: Kind): Expr | null {
  const { random, depth } = scope
  const deeper = { ...scope, depth: depth - 1 }
  if (depth > 0 && random.chance(0.8)) {
    for (const maker of random.shuffled([...MAKERS[kind], fillNull(kind), choice(kind)])) {
      const expr = maker(deeper)
      if (expr !== null) return expr
    }
  }
  return columnOf(random, scope.columns, kind)
}

const one =
  (name: string, from: Kind, to: Kind): Maker =>
  scope =>
    call(name, to, [made(scope, from)])

/** `as` other kinds: the type of the call says which. */
const cast = (from: Kind, to: Kind): Maker => one('as', from, to)

/** left op (right or a literal). */
const arithmetic =
  (left: Kind, rights: readonly Kind[], to: Kind = left): Maker =>
  scope => {
    const { random } = scope
    const name = random.pick(ARITHMETIC)
    const right = random.chance(0.5) ? made(scope, random.pick(rights)) : whole(random, left)
    return call(name, to, [made(scope, left), right])
  }

/** Of two digits behind the point, as the operands are. */
const decimalArithmetic: Maker = scope => {
  const { random } = scope
  const name = random.pick(['add', 'sub', 'mul'] as const)
  const right =
    name === 'mul'
      ? literal('int32', random.int(-3, 1_000))
      : random.chance(0.5)
        ? made(scope, random.pick(['decimal', 'int32', 'int64', 'safe']))
        : constant(random, 'decimal')
  return call(name, 'decimal', [made(scope, 'decimal'), right])
}

/** Back in the type of the operand. */
const decimalRounding: Maker = scope => {
  const rounded = rounding('decimal')(scope)
  return call('as', 'decimal', [rounded])
}

const fraction: Maker = scope =>
  call(scope.random.pick(ARITHMETIC), 'float64', [
    made(scope, scope.random.pick(['int32', 'float64', 'safe'])),
    literal('float64', scope.random.pick([0.5, -1.25, 0.1])),
  ])

const division: Maker = scope => {
  const { random } = scope
  const kinds = ['int32', 'float64', 'safe'] as const
  const by = random.chance(0.5)
    ? made(scope, random.pick(kinds))
    : literal('float64', random.pick([3, 0, 0.5]))
  return call('div', 'float64', [made(scope, random.pick(kinds)), by])
}

const rounding =
  (kind: Kind): Maker =>
  scope => {
    const name = scope.random.pick(['round', 'floor', 'ceil'])
    const digits =
      name === 'round' && scope.random.chance(0.5) ? [literal('int32', scope.random.int(1, 3))] : []
    return call(name, kind, [made(scope, kind), ...digits])
  }

const comparison: Maker = scope => {
  const { random } = scope
  const kind = random.pick(COMPARABLE)
  const name = random.pick(COMPARISONS)
  if (kind === 'decimal' && random.chance(0.3)) {
    return call(name, 'boolean', [made(scope, kind), literal(kind, '9.995')])
  }
  if (random.chance(0.5)) return call(name, 'boolean', [made(scope, kind), constant(random, kind)])
  const isTime = kind === 'timestamp'
  const other = isNumeric(kind) && random.chance(0.4) ? random.pick(NUMBERS) : kind
  return call(name, 'boolean', [made(scope, kind), made(scope, isTime ? 'timestamp' : other)])
}

const equality: Maker = scope =>
  call(scope.random.pick(['eq', 'ne']), 'boolean', [made(scope, 'boolean'), made(scope, 'boolean')])

/** Infinity less infinity is no number, and equals itself. */
const equalNaN: Maker = scope => {
  const infinite = call('div', 'float64', [made(scope, 'float64'), literal('float64', 0)])
  const nan = call('sub', 'float64', [infinite, infinite])
  return call(scope.random.pick(COMPARISONS), 'boolean', [nan, nan])
}

const between: Maker = scope => {
  const kind = scope.random.pick(ORDERED)
  const bounds = [constant(scope.random, kind), constant(scope.random, kind)]
  return call('between', 'boolean', [made(scope, kind), ...bounds])
}

const isIn: Maker = scope => {
  const kind = scope.random.pick(LISTED)
  const values = Array.from({ length: scope.random.int(1, 3) }, () => constant(scope.random, kind))
  return call('isIn', 'boolean', [made(scope, kind), ...values])
}

const nullTest: Maker = scope => {
  const test = call(scope.random.pick(['isNull', 'isNotNull']), 'boolean', [
    made(scope, scope.random.pick(KINDS)),
  ])
  return test === null ? null : { ...test, type: { kind: 'boolean', isNullable: false } }
}

const logic: Maker = scope =>
  call(scope.random.pick(['and', 'or']), 'boolean', [
    made(scope, 'boolean'),
    made(scope, 'boolean'),
  ])

const textTest: Maker = scope =>
  call(scope.random.pick(TEXT_TESTS), 'boolean', [
    made(scope, 'string'),
    scope.random.chance(0.5)
      ? made(scope, 'string')
      : literal('string', scope.random.pick(['a', '😀'])),
  ])

const concat: Maker = scope =>
  call('concat', 'string', [
    made(scope, 'string'),
    ...Array.from({ length: scope.random.int(1, 2) }, () =>
      scope.random.chance(0.5) ? made(scope, 'string') : literal('string', '·'),
    ),
  ])

const moved: Maker = scope =>
  call(scope.random.pick(['add', 'sub']), 'timestamp', [
    made(scope, 'timestamp'),
    scope.random.chance(0.5)
      ? made(scope, scope.random.pick(['int32', 'safe', 'int64']))
      : literal('int32', 1_500),
  ])

const elapsed: Maker = scope =>
  call('sub', 'safe', [made(scope, 'timestamp'), made(scope, 'timestamp')])

const truncated: Maker = scope =>
  call('truncate', 'timestamp', [made(scope, 'timestamp'), literal('int32', 2_000)])

/** A part of what is nested; of a list and of json it may be missing. */
const part =
  (from: Kind, key: Cell, to: Kind, isAlways = false): Maker =>
  scope => {
    const index = typeof key === 'string' ? key : scope.random.int(0, 2)
    const got = call('get', to, [made(scope, from), literal('string', index)])
    return got === null || isAlways ? got : { ...got, type: { kind: to, isNullable: true } }
  }

/** Fields of structs that are of the kind. */
const fieldsOf = (kind: Kind): Maker[] =>
  [...FIELDS]
    .filter(([, type]) => type.kind === kind)
    .map(([name, { isNullable }]) => part('struct', name, kind, !isNullable))

const fillNull =
  (kind: Kind): Maker =>
  scope => {
    if (kind === 'json') return null
    const { random } = scope
    const isColumn = random.chance(0.5) || kind === 'boolean' || NESTED.includes(kind)
    const other = isColumn ? made(scope, kind) : constant(random, kind)
    const filled = call('fillNull', kind, [made(scope, kind), other])
    if (filled?.op !== 'call') return null
    return { ...filled, type: { kind, isNullable: filled.args.every(isNullable) } }
  }

/** when(condition).then(value)….otherwise(value): condition and value by turns, then the last. */
const choice =
  (kind: Kind): Maker =>
  scope => {
    if (kind === 'json') return null
    const branches = Array.from({ length: scope.random.int(1, 2) }, () => [
      made(scope, 'boolean'),
      made(scope, kind),
    ]).flat()
    const chosen = call('when', kind, [...branches, made(scope, kind)])
    if (chosen?.op !== 'call') return null
    const values = chosen.args.filter((_, i) => i % 2 === 1 || i === chosen.args.length - 1)
    return { ...chosen, type: { kind, isNullable: values.some(isNullable) } }
  }

const MAKERS: { readonly [K in Kind]: readonly Maker[] } = {
  int32: [
    arithmetic('int32', ['int32']),
    arithmetic('int32', ['int32']),
    one('neg', 'int32', 'int32'),
    one('abs', 'int32', 'int32'),
    one('length', 'string', 'int32'),
    one('length', 'bytes', 'int32'),
    one('length', 'list', 'int32'),
    one('length', 'json', 'int32'),
    ...fieldsOf('int32'),
    rounding('int32'),
    cast('boolean', 'int32'),
    cast('float64', 'int32'),
    cast('string', 'int32'),
  ],
  int64: [
    arithmetic('int64', ['int64', 'int32', 'safe']),
    arithmetic('int64', ['int64']),
    one('neg', 'int64', 'int64'),
    one('abs', 'int64', 'int64'),
    cast('int32', 'int64'),
    cast('timestamp', 'int64'),
    ...fieldsOf('int64'),
  ],
  safe: [
    arithmetic('safe', ['safe', 'int32']),
    one('neg', 'safe', 'safe'),
    one('abs', 'safe', 'safe'),
    rounding('safe'),
    elapsed,
    cast('int64', 'safe'),
  ],
  float64: [
    arithmetic('float64', ['float64', 'int32', 'safe']),
    arithmetic('float64', ['float64']),
    fraction,
    division,
    rounding('float64'),
    one('neg', 'float64', 'float64'),
    one('abs', 'float64', 'float64'),
    cast('int32', 'float64'),
    cast('int64', 'float64'),
    cast('decimal', 'float64'),
  ],
  decimal: [
    decimalArithmetic,
    decimalArithmetic,
    decimalRounding,
    one('neg', 'decimal', 'decimal'),
    one('abs', 'decimal', 'decimal'),
    cast('int32', 'decimal'),
    cast('int64', 'decimal'),
    cast('string', 'decimal'),
    ...fieldsOf('decimal'),
  ],
  boolean: [
    comparison,
    comparison,
    comparison,
    equality,
    equalNaN,
    between,
    isIn,
    nullTest,
    logic,
    logic,
    one('not', 'boolean', 'boolean'),
    textTest,
  ],
  string: [
    one('upper', 'string', 'string'),
    one('lower', 'string', 'string'),
    one('trim', 'string', 'string'),
    concat,
    cast('int32', 'string'),
    cast('int64', 'string'),
    cast('float64', 'string'),
    cast('decimal', 'string'),
    cast('boolean', 'string'),
    cast('timestamp', 'string'),
    part('list', 0, 'string'),
    ...fieldsOf('string'),
  ],
  timestamp: [moved, truncated],
  bytes: [],
  list: [...fieldsOf('list'), cast('json', 'list')],
  struct: [cast('json', 'struct')],
  json: [
    part('json', 0, 'json'),
    ...['a', 'tags', 'constructor'].map(name => part('json', name, 'json')),
    cast('list', 'json'),
    cast('struct', 'json'),
  ],
}
