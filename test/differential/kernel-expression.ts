/**
 * Random expressions and cells of every type, for the tests of generated code: made of nodes and
 * not of what a user would write, so that every function meets every operand that its types allow.
 */
import fc from 'fast-check'
import { castExpr } from '../../packages/core/src/expr/cast.ts'
import type { Expr } from '../../packages/core/src/expr/expr.ts'
import { functionEntry } from '../../packages/core/src/expr/functions/index.ts'
import { typedLiteral } from '../../packages/core/src/expr/literal.ts'
import { unify } from '../../packages/core/src/expr/typing.ts'
import { type DataType, t } from '../../packages/core/src/schema/data-type.ts'
import { type Schema, schema } from '../../packages/core/src/schema/schema.ts'
import { decimalText } from '../../packages/core/src/util/decimal.ts'

export type RandomKind =
  | 'float64'
  | 'int32'
  | 'int64'
  | 'safe'
  | 'decimal'
  | 'timestamp'
  | 'string'
  | 'boolean'
  | 'bytes'
  | 'list'
  | 'struct'
  | 'json'

const TYPES: Readonly<Record<RandomKind, DataType>> = {
  float64: t.float64(),
  int32: t.int32(),
  int64: t.int64(),
  safe: t.int64({ as: 'number' }),
  decimal: t.decimal(9, 2),
  timestamp: t.timestamp(),
  string: t.string(),
  boolean: t.boolean(),
  bytes: t.bytes(),
  list: t.list(t.string().nullable()),
  struct: t.struct({
    n: t.int32(),
    d: t.decimal(9, 2).nullable(),
    l: t.list(t.string().nullable()),
  }),
  json: t.json(),
}
const KINDS = Object.keys(TYPES) as RandomKind[]

const SAFE = Number.MAX_SAFE_INTEGER
const CELLS: Readonly<Record<RandomKind, fc.Arbitrary<unknown>>> = {
  float64: fc.oneof(
    fc.constantFrom(
      0,
      -0,
      1,
      -1,
      0.5,
      Number.NaN,
      Number.NaN,
      Infinity,
      -Infinity,
      SAFE,
      1e300,
      5e-324,
    ),
    fc.integer({ min: -3, max: 3 }),
    fc.double(),
  ),
  int32: fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0x7fff_ffff, -0x8000_0000, 65_536, -46_341, 46_341),
    fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  ),
  int64: fc.oneof(
    fc.bigInt({ min: -3n, max: 3n }),
    fc.constantFrom(
      2n ** 63n - 1n,
      -(2n ** 63n),
      2n ** 53n,
      -(2n ** 53n),
      2n ** 53n - 1n,
      2n ** 32n,
    ),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
  safe: fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(SAFE, -SAFE, 2 ** 32, -(2 ** 32), 2 ** 31),
    fc.integer({ min: -SAFE, max: SAFE }),
  ),
  decimal: fc.oneof(
    fc.constantFrom('0.00', '9.50', '10.00', '-0.05', '9999999.99', '-9999999.99', '7.00'),
    fc.integer({ min: -999_999_999, max: 999_999_999 }).map(units => decimalText(units, 2)),
  ),
  timestamp: fc.oneof(
    fc.constantFrom(0, -1, 1_700_000_000_000, 8.64e15, -8.64e15),
    fc.integer({ min: -100_000, max: 100_000 }),
  ),
  string: fc.oneof(
    fc.constantFrom('', 'a', 'ab', 'b', 'é', '\u{1f600}', '\ue000', '￿', 'a\u{10000}', 'true', '7'),
    fc.string({ maxLength: 3, unit: 'grapheme' }),
  ),
  boolean: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 3 }),
  list: fc.array(fc.option(fc.constantFrom('a', 'b', 'é')), { maxLength: 3 }),
  struct: fc.record({
    n: fc.integer({ min: -3, max: 3 }),
    d: fc.option(fc.constantFrom('9.50', '10.00')),
    l: fc.array(fc.option(fc.constantFrom('a', 'b')), { maxLength: 2 }),
  }),
  json: fc.oneof(
    fc.constantFrom(1, 'a', true, '7', '\ud800', 2 ** 40),
    fc.record({ a: fc.oneof(fc.integer(), fc.constant(null), fc.string({ maxLength: 2 })) }),
  ),
}

/** Columns `float64` and `float64?` and so on: of each kind one without nulls, and one with some. */
export const ROWS_SCHEMA: Schema = schema(
  Object.fromEntries(
    KINDS.flatMap(kind => [
      [kind, TYPES[kind]],
      [`${kind}?`, TYPES[kind].nullable()],
    ]),
  ) as never,
)

export type RandomRow = Readonly<Record<string, unknown>>

export const rowOf: fc.Arbitrary<RandomRow> = fc.record(
  Object.fromEntries(
    KINDS.flatMap(kind => [
      [kind, CELLS[kind]],
      [`${kind}?`, fc.option(CELLS[kind], { freq: 2 })],
    ]),
  ),
)

function column(kind: RandomKind): fc.Arbitrary<Expr> {
  return fc.constantFrom<Expr>(
    { kind: 'column', name: kind, type: TYPES[kind] },
    { kind: 'column', name: `${kind}?`, type: TYPES[kind].nullable() },
  )
}

function literal(kind: RandomKind): fc.Arbitrary<Expr> {
  return CELLS[kind].map(value => typedLiteral(value as never, TYPES[kind]))
}

function call(name: string, ...args: fc.Arbitrary<Expr>[]): fc.Arbitrary<Expr> {
  return fc.tuple(...args).map(given => callOf(name, given))
}

export function callOf(name: string, given: readonly Expr[]): Expr {
  const { args, type } = functionEntry(name).typed(given)
  return Object.freeze({ kind: 'call', name, args, type })
}

type Tie = (kind: RandomKind) => fc.Arbitrary<Expr>

const ORDERED = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const

function anyOf(names: readonly string[], ...args: fc.Arbitrary<Expr>[]): fc.Arbitrary<Expr> {
  return fc.oneof(...names.map(name => call(name, ...args)))
}

function choices(kind: RandomKind, tie: Tie): fc.Arbitrary<Expr>[] {
  const same = tie(kind)
  return [
    fc.array(same, { minLength: 1, maxLength: 3 }).map(args => callOf('coalesce', args)),
    fc
      .tuple(fc.array(fc.tuple(tie('boolean'), same), { minLength: 1, maxLength: 2 }), same)
      .map(([branches, otherwise]) => whenOf(branches, otherwise)),
  ]
}

function whenOf(branches: readonly (readonly [Expr, Expr])[], otherwise: Expr): Expr {
  const { args, type } = unify('when', [...branches.map(([, value]) => value), otherwise])
  return {
    kind: 'when',
    branches: branches.map(([condition], i) => ({ condition, value: args[i] as Expr })),
    otherwise: args.at(-1) as Expr,
    type,
  }
}

function cast(from: Tie, kinds: readonly RandomKind[], to: RandomKind): fc.Arbitrary<Expr> {
  return fc.oneof(...kinds.map(kind => from(kind).map(expr => castExpr(expr, TYPES[to]))))
}

function arithmetic(...operands: fc.Arbitrary<Expr>[]): fc.Arbitrary<Expr> {
  return fc.oneof(
    anyOf(['add', 'sub', 'mul', 'mod'], ...(operands.slice(0, 2) as [never, never])),
    anyOf(['neg', 'abs', 'round', 'floor', 'ceil'], operands[0] as fc.Arbitrary<Expr>),
  )
}

function part(of: fc.Arbitrary<Expr>, key: string | number): fc.Arbitrary<Expr> {
  const type = typeof key === 'string' ? TYPES.string : TYPES.int32
  return of.map(value => callOf('get', [value, typedLiteral(key, type)]))
}

const NUMBERS = ['float64', 'int32', 'safe'] as const
const ONE_WORD = ['upper', 'lower', 'trim']

function formsOf(kind: RandomKind, tie: Tie): fc.Arbitrary<Expr>[] {
  const of = (kinds: readonly RandomKind[]): fc.Arbitrary<Expr> => fc.oneof(...kinds.map(tie))
  const forms: Readonly<Record<RandomKind, () => fc.Arbitrary<Expr>[]>> = {
    float64: () => [
      arithmetic(tie('float64'), of(NUMBERS)),
      call('div', of(NUMBERS), of(NUMBERS)),
      tie('float64').chain(x =>
        fc.nat(3).map(n => callOf('round', [x, typedLiteral(n, t.int32())])),
      ),
      cast(
        tie,
        ['int32', 'int64', 'safe', 'decimal', 'timestamp', 'string', 'boolean', 'json'],
        'float64',
      ),
    ],
    int32: () => [
      arithmetic(tie('int32'), tie('int32')),
      call('length', of(['string', 'bytes', 'list', 'json'])),
      part(tie('struct'), 'n'),
      cast(tie, ['float64', 'int64', 'safe', 'timestamp', 'string', 'boolean', 'json'], 'int32'),
      cast(tie, ['decimal'], 'int32'),
    ],
    int64: () => [
      arithmetic(tie('int64'), tie('int64')),
      arithmetic(tie('int64'), tie('int32')),
      cast(tie, ['float64', 'int32', 'safe', 'timestamp', 'string', 'boolean', 'json'], 'int64'),
    ],
    safe: () => [
      arithmetic(tie('safe'), of(['safe', 'int32'])),
      call('sub', tie('timestamp'), tie('timestamp')),
      cast(tie, ['float64', 'int32', 'int64', 'timestamp', 'string', 'boolean', 'json'], 'safe'),
    ],
    decimal: () => {
      const [first, any] = [tie('decimal'), of(['decimal', 'int32', 'int64', 'safe'])]
      const computed = fc.oneof(
        anyOf(['add', 'sub', 'mul'], first, any),
        anyOf(['neg', 'abs', 'round', 'floor', 'ceil'], first),
      )
      return [
        computed.map(expr => castExpr(expr, TYPES.decimal)),
        part(tie('struct'), 'd'),
        cast(tie, ['float64', 'int32', 'int64', 'safe', 'string', 'json'], 'decimal'),
      ]
    },
    timestamp: () => [
      anyOf(['add', 'sub'], tie('timestamp'), of(['safe', 'int32', 'int64'])),
      fc
        .tuple(tie('timestamp'), fc.constantFrom(1, 1000, 86_400_000))
        .map(([time, ms]) => callOf('truncate', [time, typedLiteral(ms, TYPES.safe)])),
      cast(tie, ['float64', 'int32', 'int64', 'safe', 'string', 'json'], 'timestamp'),
    ],
    string: () => [
      anyOf(ONE_WORD, tie('string')),
      fc.nat(3).chain(at => part(tie('list'), at)),
      call('concat', tie('string'), tie('string')),
      cast(tie, ['float64', 'int32', 'int64', 'safe', 'timestamp', 'boolean', 'json'], 'string'),
      cast(tie, ['decimal'], 'string'),
    ],
    boolean: () => booleans(tie),
    bytes: () => [],
    list: () => [part(tie('struct'), 'l'), cast(tie, ['json'], 'list')],
    struct: () => [cast(tie, ['json'], 'struct')],
    json: () => [tie('json').map(value => callOf('get', [value, typedLiteral('a', TYPES.string)]))],
  }
  return forms[kind]()
}

/** Comparisons whose sides are often equal, or nearly. */
function near(): fc.Arbitrary<Expr> {
  const kinds = ['float64', 'int32', 'int64', 'safe', 'decimal', 'string'] as const
  return fc.oneof(
    ...kinds.flatMap(kind =>
      ORDERED.map(name => call(name, column(kind), fc.oneof(column(kind), literal(kind)))),
    ),
  )
}

function booleans(tie: Tie): fc.Arbitrary<Expr>[] {
  const numbers = [...NUMBERS, 'timestamp'] as const
  const pairs = [
    ...numbers.flatMap(left => numbers.map(right => [left, right] as const)),
    ...(['int64', 'int64', 'string', 'string', 'bytes', 'json'] as const).map(k => [k, k] as const),
    ['int64', 'int32'] as const,
    ['float64', 'int64'] as const,
    ...(['decimal', 'int32', 'int64', 'json'] as const).map(k => ['decimal', k] as const),
  ]
  const listed = (kind: RandomKind): fc.Arbitrary<Expr> =>
    fc
      .tuple(tie(kind), fc.array(literal(kind), { minLength: 1, maxLength: 10 }))
      .map(([value, literals]) => callOf('isIn', [value, ...literals]))
  return [
    ...ORDERED.map(name => fc.oneof(...pairs.map(([l, r]) => call(name, tie(l), tie(r))))),
    near(),
    anyOf(['eq', 'ne'], tie('boolean'), tie('boolean')),
    anyOf(['and', 'or'], tie('boolean'), tie('boolean')),
    anyOf(['and', 'or'], tie('boolean'), tie('boolean'), tie('boolean')),
    call('not', tie('boolean')),
    fc.oneof(...KINDS.map(kind => anyOf(['isNull', 'isNotNull'], tie(kind)))),
    anyOf(['startsWith', 'endsWith', 'contains'], tie('string'), tie('string')),
    fc.oneof(
      ...(['float64', 'int32', 'int64', 'safe', 'decimal', 'string', 'bytes'] as const).map(listed),
    ),
    cast(tie, ['float64', 'int32', 'int64', 'string', 'json'], 'boolean'),
  ]
}

/** Kinds of which a user writes no literals. */
const NO_LITERALS: ReadonlySet<RandomKind> = new Set(['json', 'list', 'struct'])

const EXPRESSIONS = fc.letrec<Record<RandomKind, Expr>>(tie => {
  const of: Tie = kind => tie(kind) as fc.Arbitrary<Expr>
  return Object.fromEntries(
    KINDS.map(kind => [
      kind,
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: column(kind) },
        ...(NO_LITERALS.has(kind) ? [] : [literal(kind)]),
        ...formsOf(kind, of),
        ...choices(kind, of),
      ),
    ]),
  ) as never
})

/** Expressions of a kind; `json` and `bytes` stand inside others. */
export function exprOf(kind: RandomKind): fc.Arbitrary<Expr> {
  return EXPRESSIONS[kind] as fc.Arbitrary<Expr>
}
