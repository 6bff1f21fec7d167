/** The row types that the steps of a frame give; checked by `tsc`, never run. */
import { expectTypeOf } from 'vitest'
import { count, max, mean, min, sum } from '../aggregate/index.ts'
import { coalesce } from '../expr/coalesce.ts'
import { col } from '../expr/col.ts'
import type { AnyExpression, OpenExpression } from '../expr/facets.ts'
import { lit } from '../expr/lit.ts'
import { when } from '../expr/when.ts'
import type { LookupDefinition } from '../lookup/lookup.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { integer, string } from '../serde/scalars.ts'
import type { StandardSchema } from '../serde/standard-schema.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'
import type { Topic } from './topic.ts'

const S = schema({
  user: t.string(),
  amount: t.float64(),
  id: t.int64(),
  discount: t.float64().nullable(),
  note: t.string().nullable(),
})
type Row = RowOf<typeof S>
const app = new Application({ id: 'types' })
const frame = app.dataframe(app.topic('rows', { value: json(S) }))

expectTypeOf(frame).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.row).toEqualTypeOf<{
  user: string
  amount: number
  id: bigint
  discount: number | null
  note: string | null
}>()

// Steps that leave the rows as they are.
expectTypeOf(frame.where(c => c.amount.gt(1))).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.where(c => c.discount.gt(1))).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.where(col('amount').gt(1))).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.filter(row => row.amount > 1)).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.tap(row => row.note)).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.withKey('user')).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.withKey(c => c.amount)).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.withTimestamp('id')).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.withTimestamp(c => c.discount)).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(frame.withHeaders(row => ({ user: row.user }))).toEqualTypeOf<
  StreamingDataFrame<Row>
>()
expectTypeOf(frame.print()).toEqualTypeOf<StreamingDataFrame<Row>>()

// Rows by functions.
expectTypeOf(frame.map(row => ({ ...row, total: row.amount * 2 })).row).toEqualTypeOf<{
  user: string
  amount: number
  id: bigint
  discount: number | null
  note: string | null
  total: number
}>()
expectTypeOf(frame.flatMap(row => [{ word: row.note ?? '' }]).row).toEqualTypeOf<{
  word: string
}>()
const Word = schema({ word: t.string().nullable() })
expectTypeOf(frame.map(row => ({ word: row.note }), { schema: Word }).row).toEqualTypeOf<{
  word: string | null
}>()

// Columns chosen and changed.
expectTypeOf(frame.select('user', 'note').row).toEqualTypeOf<{
  user: string
  note: string | null
}>()
expectTypeOf(
  frame.select(c => ({
    who: c.user,
    net: c.amount.sub(c.discount),
    known: c.note.isNotNull(),
    text: coalesce(c.note, ''),
    size: when(c.amount.gt(9)).then('big').otherwise(null),
    one: 1,
    two: lit(2),
    some: col('amount').as(t.float64()),
  })).row,
).toEqualTypeOf<{
  who: string
  net: number | null
  known: boolean
  text: string
  size: string | null
  one: number
  two: number
  some: number | null
}>()
expectTypeOf(
  frame.withColumns(c => ({ user: c.id, half: c.amount.div(2) })).select('user', 'half', 'note')
    .row,
).toEqualTypeOf<{ user: bigint; half: number; note: string | null }>()
expectTypeOf(frame.drop('note', 'id').row).toEqualTypeOf<{
  user: string
  amount: number
  discount: number | null
}>()
expectTypeOf(frame.select('user', 'amount').rename({ user: 'who' }).row).toEqualTypeOf<{
  who: string
  amount: number
}>()
expectTypeOf(
  frame.select('user', 'amount').rename({ user: 'amount', amount: 'user' }).row,
).toEqualTypeOf<{ user: number; amount: string }>()
expectTypeOf(frame.fillNull({ note: '' }).select('note', 'discount').row).toEqualTypeOf<{
  note: string
  discount: number | null
}>()

// Windows: group columns, bounds, aggregates that may have nothing to look at.
const windowed = frame.groupBy(['user', 'note']).window(tumbling('10s'))
const aggregated = windowed.agg(c => ({
  n: count(),
  total: sum(c.amount),
  ids: sum(c.id),
  mean: mean(c.discount),
  first: min(c.user),
  last: max(c.note),
}))
expectTypeOf(aggregated.final().row).toEqualTypeOf<{
  user: string
  note: string | null
  window_start: number
  window_end: number
  n: number
  total: number | null
  ids: bigint | null
  mean: number | null
  first: string | null
  last: string | null
}>()
expectTypeOf(aggregated.late()).toEqualTypeOf<StreamingDataFrame<Row>>()
expectTypeOf(
  frame
    .window(tumbling('1m'))
    .agg(() => ({ n: count() }))
    .final().row,
).toEqualTypeOf<{ window_start: number; window_end: number; n: number }>()
expectTypeOf(frame.select('user').collect()).resolves.toEqualTypeOf<{ user: string }[]>()
expectTypeOf(frame.select('user')[Symbol.asyncIterator]()).toEqualTypeOf<
  AsyncGenerator<{ user: string }>
>()

// Frames whose columns only TypeScript knows, or nobody.
const trusted = app.dataframe(app.topic('trusted', { value: json<{ a: number; b?: string }>() }))
expectTypeOf(trusted.row).toEqualTypeOf<{ a: number; b?: string }>()
trusted.where(c => c.a.gt(1).and(c.b.isNull()))
expectTypeOf(trusted.select(c => ({ b: c.b.upper() })).row).toEqualTypeOf<{ b: string | null }>()
const open = app.dataframe(app.topic('open'))
expectTypeOf(open.row).toEqualTypeOf<Record<string, unknown>>()
open.select(c => {
  expectTypeOf(c['x']).toEqualTypeOf<OpenExpression | undefined>()
  return { x: 1 }
})
expectTypeOf(open.select(() => ({ n: col('n').as(t.int32()) })).row).toEqualTypeOf<{
  n: number | null
}>()
// biome-ignore lint/suspicious/noExplicitAny: a frame of which nothing is known, as in JavaScript.
declare const any: StreamingDataFrame<any>
any.where(c => {
  expectTypeOf(c['x']).toEqualTypeOf<AnyExpression | undefined>()
  return c['x']!.gt(1)
})
expectTypeOf<typeof frame>().toExtend<StreamingDataFrame>()
expectTypeOf<typeof open>().toExtend<StreamingDataFrame>()
expectTypeOf(aggregated.final()).toExtend<StreamingDataFrame>()
expectTypeOf<StreamingDataFrame>().toExtend<typeof frame>()
expectTypeOf<typeof frame>().not.toExtend<typeof trusted>()

// Standard schemas, sources, keys.
declare const zod: StandardSchema<{ at: string }, { at: Date; n: number }>
expectTypeOf(app.dataframe(app.topic('standard', { value: json(zod) })).row).toEqualTypeOf<{
  at: Date
  n: number
}>()
expectTypeOf(app.dataframe(fromArray([{ a: 1 }])).row).toEqualTypeOf<{ a: number }>()
const keyed = app.topic('keyed', { key: integer(), keyColumn: 'shop', value: json(Word) })
expectTypeOf(app.dataframe(keyed).row).toEqualTypeOf<{ word: string | null; shop: number }>()
const inValue = app.topic('in-value', { key: string(), keyColumn: 'user', value: json(S) })
expectTypeOf(inValue).toEqualTypeOf<Topic<Row>>()
expectTypeOf(app.topic('no-key-column', { key: string(), value: json(S) })).toEqualTypeOf<
  Topic<Row>
>()

// What fits a topic: exactly its columns, or more; narrower types; anything where it is open.
const Out = schema({ user: t.string(), note: t.string().nullable() })
const out = app.topic('out', { value: json(Out) })
frame.toTopic(out)
frame.select('user', 'note').toTopic(out)
frame.fillNull({ note: '' }).toTopic(out)
frame.toTopic(app.topic('anything')).toTopic(app.topic('any-json', { value: json() }))
// @ts-expect-error note is missing
frame.drop('note').toTopic(out)
// @ts-expect-error user may be null
frame.withColumns(() => ({ user: null })).toTopic(out)
// @ts-expect-error the column that is the key is missing
frame.select('note').rename({ note: 'word' }).toTopic(keyed)
// @ts-expect-error no column of the rows
frame.fillNull({ note: '', more: '' })
// @ts-expect-error no column of the rows
frame.rename({ note: 'remark', more: 'less' })
// @ts-expect-error a key column needs a key serde
app.topic('k', { keyColumn: 'user', value: json(S) })

// ---- sinks that say what rows they take
declare const takesUsers: SinkDefinition<{ user: string }>
declare const takesTotals: SinkDefinition<{ total: number }>
declare const takesAll: SinkDefinition
declare function tableOf<R>(options: {
  readonly key: readonly (keyof NoInfer<R>)[]
}): SinkDefinition<R>
frame.sink(takesUsers).sink(takesAll, { onError: skip() })
frame.sink(tableOf({ key: ['user', 'id'] }))
// @ts-expect-error the frame has no column total
frame.sink(takesTotals)
// @ts-expect-error the frame has no column usr
frame.sink(tableOf({ key: ['usr'] }))

const User = schema({ id: t.string(), name: t.string(), age: t.int32().nullable() })
declare const users: LookupDefinition<RowOf<typeof User>>
expectTypeOf(frame.select('user').lookup(users, 'user', ['name', 'age']).row).toEqualTypeOf<{
  user: string
  name: string | null
  age: number | null
}>()
expectTypeOf(frame.select('user').lookup(users, ['user'], { called: 'name' }).row).toEqualTypeOf<{
  user: string
  called: string | null
}>()
// @ts-expect-error: the table has no such column
frame.lookup(users, 'user', ['nme'])
// @ts-expect-error: nor has the frame
frame.lookup(users, 'usr', ['name'])
