/** What TypeScript says of columns; checked by `tsc`, never run. */
import { expectTypeOf } from 'vitest'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import type { DecimalText } from '../util/decimal.ts'
import { coalesce, nullIf } from './coalesce.ts'
import { col } from './col.ts'
import { columnsOf } from './columns.ts'
import type { Expression } from './expression.ts'
import type {
  AnyExpression,
  BigIntExpression,
  BooleanExpression,
  BytesExpression,
  ColumnOf,
  Columns,
  DecimalExpression,
  JsonExpression,
  NumberExpression,
  OpenExpression,
  StringExpression,
} from './facets.ts'
import { lit } from './lit.ts'
import { when } from './when.ts'

const S = schema({
  user_id: t.string(),
  amount: t.float64(),
  count: t.int32(),
  id: t.int64(),
  safe: t.int64({ as: 'number' }),
  ts: t.timestamp(),
  flag: t.boolean(),
  raw: t.bytes(),
  open: t.json(),
  shape: t.json<{ a: number; b?: string; list: readonly boolean[] }>(),
  note: t.string().nullable(),
  discount: t.float64().nullable(),
  big: t.int64().nullable(),
  sure: t.boolean().nullable(),
  price: t.decimal(9, 2),
  fee: t.decimal(9, 2).nullable(),
})
type Row = RowOf<typeof S>
declare const c: Columns<Row>

expectTypeOf(columnsOf(S)).toEqualTypeOf<Columns<Row>>()

// Each type its own face, nulls included.
expectTypeOf(c.user_id).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(c.amount).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.count).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.safe).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.ts).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.id).toEqualTypeOf<BigIntExpression<bigint>>()
expectTypeOf(c.flag).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.raw).toEqualTypeOf<BytesExpression<Uint8Array>>()
expectTypeOf(c.open).toEqualTypeOf<OpenExpression>()
expectTypeOf(c.note).toEqualTypeOf<StringExpression<string | null>>()
expectTypeOf(c.big).toEqualTypeOf<BigIntExpression<bigint | null>>()
expectTypeOf(c.price).toEqualTypeOf<DecimalExpression<DecimalText>>()
expectTypeOf(c.price.add(c.fee)).toEqualTypeOf<DecimalExpression<DecimalText | null>>()
expectTypeOf(c.price.mul(2).round(2)).toEqualTypeOf<DecimalExpression<DecimalText>>()
expectTypeOf(c.price.gt('9.5')).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.price.gt(c.id)).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.fee.fillNull('0')).toEqualTypeOf<DecimalExpression<DecimalText>>()
expectTypeOf(c.note.as(t.decimal(9, 2))).toEqualTypeOf<DecimalExpression<DecimalText | null>>()
const sale: { price: RowOf<typeof S>['price'] } = { price: '12.30' }
// @ts-expect-error not the text of a number
sale.price = 'twelve'
// @ts-expect-error text that is joined is no decimal
sale.price = sale.price + sale.price
// @ts-expect-error not the text of a number
c.price.gt('x')
// @ts-expect-error decimals have no div
c.price.div(2)
expectTypeOf(c.shape).toExtend<JsonExpression<Row['shape']>>()

// An expression is an Expression of its cells, whatever its face.
expectTypeOf(c.amount.cell).toEqualTypeOf<number>()
expectTypeOf(c.note).toExtend<Expression<string | null>>()
expectTypeOf(c.amount).toExtend<Expression<number | null>>()
expectTypeOf(c.amount).toExtend<Expression>()
expectTypeOf(c.note).not.toExtend<Expression<string>>()
expectTypeOf(c.amount).not.toExtend<Expression<bigint>>()
declare function sum<T extends number | bigint | null>(input: Expression<T>): T
expectTypeOf(sum(c.discount)).toEqualTypeOf<number | null>()
expectTypeOf(sum(c.id)).toEqualTypeOf<bigint>()

// Nulls are lifted by either operand and taken away by isNull and fillNull.
expectTypeOf(c.amount.mul(1.2)).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.amount.mul(c.count)).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.discount.mul(2)).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(c.amount.mul(c.discount)).toEqualTypeOf<NumberExpression<number | null>>()
c.id.eq(5)
c.id.isIn([5n, 6])
expectTypeOf(c.id.add(1)).toEqualTypeOf<BigIntExpression<bigint>>()
expectTypeOf(c.id.add(c.big)).toEqualTypeOf<BigIntExpression<bigint | null>>()
expectTypeOf(c.id.add(c.count)).toEqualTypeOf<BigIntExpression<bigint>>()
expectTypeOf(c.amount.gt(50)).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.amount.gt(c.discount)).toEqualTypeOf<BooleanExpression<boolean | null>>()
expectTypeOf(c.amount.between(1, c.count)).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.amount.between(1, c.discount)).toEqualTypeOf<BooleanExpression<boolean | null>>()
expectTypeOf(c.note.eq('x')).toEqualTypeOf<BooleanExpression<boolean | null>>()
expectTypeOf(c.note.isIn(['x'])).toEqualTypeOf<BooleanExpression<boolean | null>>()
expectTypeOf(c.note.isNull()).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.note.fillNull('')).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(c.note.fillNull(c.user_id)).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(c.note.fillNull(c.note)).toEqualTypeOf<StringExpression<string | null>>()
expectTypeOf(c.note.upper().length()).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(c.user_id.concat('-', c.user_id)).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(c.user_id.concat('-', c.note)).toEqualTypeOf<StringExpression<string | null>>()
expectTypeOf(c.flag.and(c.amount.gt(1))).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(c.flag.or(c.sure)).toEqualTypeOf<BooleanExpression<boolean | null>>()

// Casts.
expectTypeOf(c.amount.as(t.string())).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(c.note.as(t.int64())).toEqualTypeOf<BigIntExpression<bigint | null>>()
expectTypeOf(c.open.as(t.float64())).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(c.open.get('a').get(0).as(t.boolean())).toEqualTypeOf<
  BooleanExpression<boolean | null>
>()

// Shapes of json are trusted; an optional property may be null.
expectTypeOf(c.shape.get('a')).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(c.shape.get('b')).toEqualTypeOf<StringExpression<string | null>>()
declare const typed: Columns<{ a?: number; u: 'x' | 'y'; mixed: string | number; any: unknown }>
expectTypeOf(typed.a).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(typed.a.add(1)).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(typed.u.upper()).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(typed.mixed).toEqualTypeOf<JsonExpression<string | number>>()
expectTypeOf(typed.any).toEqualTypeOf<OpenExpression>()
typed.u.eq('x')
// @ts-expect-error 'z' is none of the values
typed.u.isIn(['z'])

// Free functions.
expectTypeOf(lit(5)).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(lit('a')).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(lit(true)).toEqualTypeOf<BooleanExpression<boolean>>()
expectTypeOf(lit(new Date())).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(col('x')).toEqualTypeOf<AnyExpression>()
expectTypeOf(col<string | null>('x')).toEqualTypeOf<StringExpression<string | null>>()
expectTypeOf(col('x').gt(5)).toEqualTypeOf<BooleanExpression<boolean | null>>()
expectTypeOf(c.amount.add(col('x'))).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(coalesce(c.note, 'x')).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(coalesce(c.note, c.note)).toEqualTypeOf<StringExpression<string | null>>()
expectTypeOf(coalesce(c.discount, c.amount, null)).toEqualTypeOf<NumberExpression<number>>()
expectTypeOf(nullIf(c.count, 0)).toEqualTypeOf<NumberExpression<number | null>>()
expectTypeOf(when(c.flag).then('a').otherwise('b')).toEqualTypeOf<StringExpression<string>>()
expectTypeOf(when(c.sure).then(c.amount).otherwise(null)).toEqualTypeOf<
  NumberExpression<number | null>
>()
expectTypeOf(when(c.flag).then(1).when(c.sure).then(c.discount).otherwise(0)).toEqualTypeOf<
  NumberExpression<number | null>
>()

// A row whose type is not known at all, as in JavaScript.
// biome-ignore lint/suspicious/noExplicitAny: the case under test.
expectTypeOf<ColumnOf<any>>().toEqualTypeOf<AnyExpression>()

// Every facet is what the class with all methods is.
declare const any: AnyExpression
expectTypeOf(any.add(c.amount).div(2)).toEqualTypeOf<NumberExpression<number | null>>()
declare const open: Columns<Record<string, unknown>>
expectTypeOf(open['x']).toEqualTypeOf<OpenExpression | undefined>()

// Refused.
// @ts-expect-error Property 'amuont' does not exist on type 'Columns<…>'. Did you mean 'amount'?
c.amuont
// @ts-expect-error text is not compared with a number
c.user_id.gt(1)
// @ts-expect-error text has no arithmetic
c.user_id.mul(2)
// @ts-expect-error a number is not multiplied by text
c.amount.mul(c.user_id)
// @ts-expect-error null is found with isNull
c.note.eq(null)
// @ts-expect-error numbers have no `and`
c.amount.and(c.flag)
// @ts-expect-error a condition is a boolean
when(c.amount)
// @ts-expect-error open columns need .as first
c.open.add(1)
// @ts-expect-error bigint has no division
c.id.div(2n)
// @ts-expect-error bigint is not added to float64
c.amount.add(c.id)
// @ts-expect-error no such property
c.shape.get('z')
// @ts-expect-error an expression has no operators
c.amount > 50
// @ts-expect-error columns cannot be set
c.amount = c.count
