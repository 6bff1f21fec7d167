import { describe, expect, test } from 'vitest'
import { count } from '../../aggregate/index.ts'
import { Application } from '../../api/application.ts'
import type { StreamingDataFrame } from '../../api/streaming-data-frame.ts'
import { lit } from '../../expr/lit.ts'
import { t } from '../../schema/data-type.ts'
import { type RowOf, schema } from '../../schema/schema.ts'
import { json } from '../../serde/json.ts'
import { listSink } from '../../sink/list-sink.ts'
import { fromArray } from '../../source/array-source.ts'
import { tumbling } from '../../window/window.ts'

const Sale = schema({
  shop: t.string(),
  n: t.int32().nullable(),
  price: t.float64(),
  at: t.timestamp(),
  isNew: t.boolean(),
  fee: t.decimal(9, 2),
})

function sales(): StreamingDataFrame<RowOf<typeof Sale>> {
  return new Application({ id: 'shop' }).dataframe(fromArray([], { schema: Sale }))
}

/** What the source is asked for, as `explain` says. */
function wanted(frame: StreamingDataFrame): string | undefined {
  return /wants (.*)/.exec(frame.explain())?.[1]
}

describe('a source is told what is looked at', () => {
  test('by conditions on columns against literals', () => {
    expect(wanted(sales())).toBe(undefined)
    expect(wanted(sales().where(c => c.n.gt(1)))).toBe('n > 1')
    expect(wanted(sales().where(c => lit(1).gt(c.price)))).toBe('price < 1')
    expect(wanted(sales().where(c => c.shop.eq('a').and(c.n.lte(2))))).toBe('shop = "a" and n <= 2')
    expect(wanted(sales().where(c => c.n.isIn([5, 1, 3])))).toBe('n >= 1 and n <= 5')
    expect(wanted(sales().where(c => c.at.gte(lit(new Date(5)))))).toBe('at >= 5')
  })

  test('by no others', () => {
    const conditions = [
      sales().where(c => c.n.gt(1).or(c.price.gt(1))),
      sales().where(c => c.n.gt(1).not()),
      sales().where(c => c.n.ne(1)),
      sales().where(c => c.n.isNull()),
      sales().where(c => c.n.gt(c.price)),
      sales().where(c => c.price.mul(2).gt(1)),
      sales().where(c => c.price.lt(Number.NaN)),
      sales().where(c => c.isNew.eq(true)),
      // The text of decimals is not in their order.
      sales().where(c => c.fee.gt('9.5')),
      sales().where(c => c.fee.isIn(['9.5', '10'])),
      sales().filter(row => row.price > 1),
    ]
    for (const frame of conditions) expect(wanted(frame)).toBe(undefined)
  })

  test('through conditions and projections, under the names of the source', () => {
    const frame = sales()
      .where(c => c.n.gt(1))
      .rename({ n: 'price', price: 'n' })
      .where(c => c.n.lt(2))
      .withColumns(c => ({ n: c.n.mul(2) }))
    expect(wanted(frame.where(c => c.n.gt(3)))).toBe('n > 1 and price < 2')
    expect(wanted(frame.where(c => c.price.gt(3)))).toBe('n > 1 and price < 2 and n > 3')
  })

  test('up to the first step that does something or may fail', () => {
    const frame = sales().where(c => c.n.gt(1))
    const steps = [
      frame.tap(() => {}),
      frame.map(row => row, { schema: Sale }),
      frame.filter(() => true),
      frame.where(c => c.n.add(1).gt(0)),
      frame.withColumns(c => ({ m: c.n.add(1) })),
      frame.withKey('shop'),
    ]
    for (const step of steps) expect(wanted(step.where(c => c.price.gt(2)))).toBe('n > 1')
    const both = frame.where(c => c.n.add(1).gt(0).and(c.price.gt(2)))
    expect(wanted(both)).toBe('n > 1')
  })

  test('what one of many readers looks at', () => {
    const app = new Application({ id: 'shop' })
    const frame = app.dataframe(fromArray([], { schema: Sale }))
    const some = frame.where(c => c.n.gt(1))
    some.where(c => c.price.lt(2)).sink(listSink())
    some.sink(listSink())
    expect(/wants (.*)/.exec(app.explain())?.[1]).toBe('n > 1 and price < 2 or n > 1')
    frame.sink(listSink())
    expect(app.explain()).not.toContain('wants')
  })
})

test('everything, where a result depends on time', () => {
  const frame = sales().where(c => c.n.gt(1))
  const window = frame.groupBy('shop').window(tumbling('1s'))
  expect(wanted(window.agg(() => ({ many: count() })).final())).toBe(undefined)
  const topic = new Application({ id: 'shop' }).topic('sales', { value: json(Sale) })
  const read = new Application({ id: 'shop' }).dataframe(topic)
  expect(wanted(read.where(c => c.n.gt(1)))).toBe(undefined)
})
