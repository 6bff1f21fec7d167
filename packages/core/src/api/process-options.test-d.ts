/** What functions of `process` and `reduce` are given and may give; checked by `tsc`, never run. */
import { expectTypeOf } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listState, mapState, valueState } from '../state/state-declaration.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

const Sale = schema({ user: t.string(), note: t.string().nullable(), amount: t.float64() })
const Alert = schema({ user: t.string(), total: t.float64(), note: t.string().nullable() })
const Totals = schema({ total: t.float64() })
const app = new Application({ id: 'types' })
const sales = app.dataframe(app.topic('sales', { value: json(Sale) }))

const alerts = sales.groupBy(['user', 'note']).process({
  state: {
    total: valueState(t.float64()),
    maybe: valueState(t.string().nullable()),
    items: listState(t.string().nullable(), { max: 10 }),
    seen: mapState(t.string(), t.int64()),
    cart: valueState(Totals),
  },
  ttl: '1d',
  schema: Alert,
  row(row, context) {
    expectTypeOf(row).toEqualTypeOf<{ user: string; note: string | null; amount: number }>()
    expectTypeOf(context.key).toEqualTypeOf<Readonly<{ user: string; note: string | null }>>()
    expectTypeOf(context.state.total.get()).toEqualTypeOf<number | null>()
    expectTypeOf(context.state.maybe.get()).toEqualTypeOf<string | null>()
    expectTypeOf(context.state.items.values()).toEqualTypeOf<(string | null)[]>()
    expectTypeOf(context.state.seen.get('x')).toEqualTypeOf<bigint | null>()
    expectTypeOf(context.state.seen.entries()).toEqualTypeOf<[string, bigint][]>()
    expectTypeOf(context.state.cart.get()).toEqualTypeOf<{ total: number } | null>()
    context.state.items.push(null, 'x')
    context.timers.event('flush', context.timestamp + 1_000)
    context.timers.wall('soon', '10s')
    context.emit({ total: 1 })
    context.emit({ total: 1, user: 'ann', note: null })

    // @ts-expect-error not declared
    context.state.totals
    // @ts-expect-error a number
    context.state.total.set('1')
    // @ts-expect-error no null in it
    context.state.total.set(null)
    // @ts-expect-error text or null
    context.state.items.push(1)
    // @ts-expect-error keys are text
    context.state.seen.get(1)
    // @ts-expect-error a 64-bit integer is a bigint
    context.state.seen.set('x', 1)
    // @ts-expect-error the total is missing
    context.emit({ user: 'ann' })
    // @ts-expect-error a number
    context.emit({ total: 'x' })
    // @ts-expect-error no such unit
    context.timers.wall('soon', '10 sec')
  },
  timer(timer, context) {
    expectTypeOf(timer.kind).toEqualTypeOf<'event' | 'wall'>()
    expectTypeOf(context.state.total.get()).toEqualTypeOf<number | null>()
  },
})
expectTypeOf(alerts).toEqualTypeOf<
  StreamingDataFrame<{ user: string; total: number; note: string | null }>
>()

const stateless = sales.process({
  schema: Totals,
  row(row, { key, state, emit }) {
    expectTypeOf(key).toEqualTypeOf<Readonly<Pick<typeof row, never>>>()
    emit({ total: row.amount })
    // @ts-expect-error nothing was declared
    state.total
    // @ts-expect-error the key has no columns
    key.user
  },
})
expectTypeOf(stateless).toEqualTypeOf<StreamingDataFrame<{ total: number }>>()

const reduced = sales.groupBy('user').reduce({
  schema: Totals,
  init: row => ({ total: row.amount }),
  add: (accumulated, row) => ({ total: accumulated.total + row.amount }),
  ttl: '1h',
})
expectTypeOf(reduced).toEqualTypeOf<StreamingDataFrame<{ user: string; total: number }>>()

sales.groupBy('user').reduce({
  schema: Totals,
  // @ts-expect-error text is no total
  init: row => ({ total: row.note }),
  add: accumulated => accumulated,
})

// @ts-expect-error bytes can't be looked up
mapState(t.bytes(), t.int32())
// @ts-expect-error a key is not null
mapState(t.string().nullable(), t.int32())
// @ts-expect-error a type is needed
valueState('text')

const windowed = sales
  .groupBy('user')
  .window(tumbling('10s'))
  .reduce({
    schema: Totals,
    init: row => ({ total: row.amount }),
    add: (accumulated, row) => ({ total: accumulated.total + row.amount }),
  })
expectTypeOf(windowed.final()).toEqualTypeOf<
  StreamingDataFrame<{ user: string; window_start: number; window_end: number; total: number }>
>()
expectTypeOf(windowed.updates({ every: '10s' })).toEqualTypeOf(windowed.final())
// @ts-expect-error no such unit
windowed.updates({ every: '10 sec' })
