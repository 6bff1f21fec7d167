import { expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Topic } from '../api/topic.ts'
import { when } from '../expr/when.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'

const Sale = schema({
  shop: t.string(),
  n: t.int32(),
  price: t.float64().nullable(),
  'a b': t.string(),
  ts: t.timestamp(),
})

function sales(): {
  app: Application
  frame: StreamingDataFrame<RowOf<typeof Sale>>
  out: Topic<Record<string, unknown>>
} {
  const app = new Application({ id: 'shop' })
  const topic = app.topic('sales', {
    key: string(),
    keyColumn: 'shop',
    value: json(Sale),
    timestamp: 'ts',
    disorder: '90s',
  })
  return { app, frame: app.dataframe(topic), out: app.topic('out') }
}

test('stateless steps run as one machine', () => {
  const { frame } = sales()
  const steps = frame
    .where(c => c.n.gt(5).and(c.price.isNotNull()))
    .filter(row => row.n > 3, { onError: skip() })
    .withColumns(c => ({ size: when(c.n.gt(9)).then('big').otherwise('small') }))
    .drop('price')
    .rename({ shop: 'store' })
    .fillNull({})
  expect(steps.explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic sales (json), key is shop, event time ts, disorder 90s, reads shop, n, price, "a b", ts
      where#1: n > 5 and price is not null
      | filter#2: function, on error skip
      | withColumns#3: shop, n, "a b", ts, size = case when n > 9 then 'big' else 'small' end
      | drop#4: shop, n, "a b", ts, size
      | rename#5: store = shop
      | fillNull#6: store, n, "a b", ts, size
      collect#7: sink"
  `)
})

test('a few columns of a topic', () => {
  expect(sales().frame.select('n', 'a b').explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic sales (json), key is shop, event time ts, disorder 90s, reads n, "a b"
      select#1: n, "a b"
      collect#2: sink"
  `)
})

test('a window by the record key', () => {
  const { app, frame, out } = sales()
  frame
    .groupBy('shop')
    .window(tumbling('10s', { grace: '1500ms' }), { name: 'totals' })
    .agg(c => ({ n: count(), 'total price': sum(c.price.mul(2)) }))
    .final()
    .toTopic(out)
  expect(app.explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic sales (json), key is shop, event time ts, disorder 90s, reads shop, price
      groupBy#1: shop, is the record key, no repartition
      agg#2: tumbling 10s with grace 1500ms by shop: n = count(), "total price" = sum(price * 2); final, state totals
      toTopic#3: out (json)"
  `)
})

test('a window by other columns, with what came too late', () => {
  const { app, frame, out } = sales()
  const windows = frame
    .where(c => c.n.gt(0))
    .groupBy(['a b', 'n'])
    .window(tumbling('1h'), { onError: skip() })
    .agg(c => ({ total: sum(c.price) }))
  windows
    .final()
    .where(c => c.total.gt(100))
    .toTopic(out)
  windows.late().sink(listSink())
  expect(app.explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic sales (json), key is shop, event time ts, disorder 90s, reads every column
      where#1: n > 0
      groupBy#2: "a b", n, through internal topic "by-a b-n-sales"
    sub-topology 1: internal topic "by-a b-n-sales" of sub-topology 0, rows {shop: string, n: int32, price: float64?, "a b": string, ts: timestamp}
      agg#3: tumbling 1h by "a b", n: total = sum(price); final, state "tumbling-a b-n-sales", on error skip
      where#4: total > 100
        toTopic#5: out (json)
      late#4: records too late for agg#3
        list#5: sink"
  `)
})

test('branches, functions and edits of the record', () => {
  const { app, frame, out } = sales()
  const some = frame.where(c => c.n.gt(0))
  some.select('n', 'shop').toTopic(out)
  some
    .withKey('n')
    .withTimestamp(c => c.ts.add(1))
    .withHeaders(() => ({}))
    .tap(() => {})
    .map(function doubled(row) {
      return { ...row, n: row.n * 2 }
    })
    .flatMap(row => [row], { schema: Sale })
    .print()
  expect(app.explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic sales (json), key is shop, event time ts, disorder 90s, reads every column
      where#1: n > 0
      select#2: n, shop
        toTopic#3: out (json)
      withKey#2: n as integer
        withTimestamp#3: ts + 1
        withHeaders#4: function
        tap#5: function
        map#6: function, gives {…}
        flatMap#7: function, gives {shop: string, n: int32, price: float64?, "a b": string, ts: timestamp}
        console#8: sink"
  `)
})

test('open rows and sources outside Kafka', () => {
  const { app } = sales()
  const open = app.dataframe(app.topic('raw', { onError: skip() }))
  open
    .drop('x')
    .withColumns(() => ({ one: 1 }))
    .rename({ y: 'z' })
    .print()
  app.dataframe(fromArray([{ a: 1 }])).sink(listSink())
  expect(app.explain()).toMatchInlineSnapshot(`
    "sub-topology 0: topic raw (json), reads every column, on error skip
      drop#1: all but x
      | withColumns#2: one = 1
      | rename#3: all but y, z = y
      console#4: sink
    sub-topology 1: source array, reads every column
      list#1: sink"
  `)
})
