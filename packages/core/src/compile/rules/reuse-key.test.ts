import { expect, test } from 'vitest'
import { count } from '../../aggregate/index.ts'
import { Application } from '../../api/application.ts'
import type { StreamingDataFrame } from '../../api/streaming-data-frame.ts'
import { t } from '../../schema/data-type.ts'
import { type RowOf, schema } from '../../schema/schema.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/scalars.ts'
import { tumbling } from '../../window/window.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
type Sale = RowOf<typeof Sale>

/** True when grouping needs no internal topic. */
function reuses(group: (frame: StreamingDataFrame<Sale>) => StreamingDataFrame, keyed = true) {
  const app = new Application({ id: 'shop' })
  const key = { key: string(), keyColumn: 'shop', value: json(Sale) } as const
  const topic = keyed ? app.topic('sales', key) : app.topic('sales', { value: json(Sale) })
  return !group(app.dataframe(topic)).explain().includes('internal topic')
}

function windows(frame: StreamingDataFrame, ...columns: string[]): StreamingDataFrame {
  return frame
    .groupBy(columns)
    .window(tumbling('1s'))
    .agg(() => ({ rows: count() }))
    .final()
}

test('a grouping by the key column goes by the record key', () => {
  expect(reuses(frame => windows(frame, 'shop'))).toBe(true)
  expect(
    reuses(frame =>
      windows(
        frame.where(c => c.n.gt(1)).tap(() => {}),
        'shop',
      ),
    ),
  ).toBe(true)
  expect(
    reuses(frame =>
      windows(
        frame.withColumns(c => ({ n: c.n.add(1) })),
        'shop',
      ),
    ),
  ).toBe(true)
})

test('also under a new name of the column', () => {
  expect(reuses(frame => windows(frame.rename({ shop: 'store' }), 'store'))).toBe(true)
  expect(
    reuses(frame =>
      windows(
        frame.select(c => ({ s: c.shop })),
        's',
      ),
    ),
  ).toBe(true)
})

test('not by other columns, of other topics, or after the column changed', () => {
  expect(reuses(frame => windows(frame, 'n'))).toBe(false)
  expect(reuses(frame => windows(frame, 'shop', 'n'))).toBe(false)
  expect(reuses(frame => windows(frame, 'shop'), false)).toBe(false)
  const lower = (frame: StreamingDataFrame<Sale>) =>
    frame.withColumns(c => ({ shop: c.shop.lower() }))
  expect(reuses(frame => windows(lower(frame), 'shop'))).toBe(false)
  const swapped = (frame: StreamingDataFrame<Sale>) =>
    frame.withColumns(c => ({ other: c.shop, shop: c.n }))
  expect(reuses(frame => windows(swapped(frame), 'shop'))).toBe(false)
  expect(reuses(frame => windows(swapped(frame), 'other'))).toBe(true)
})

test('not after a new key or a new row', () => {
  expect(reuses(frame => windows(frame.withKey('n'), 'shop'))).toBe(false)
  expect(reuses(frame => windows(frame.withKey('shop'), 'shop'))).toBe(false)
  expect(
    reuses(frame =>
      windows(
        frame.map(row => row),
        'shop',
      ),
    ),
  ).toBe(false)
})

test('windows are keyed by their groups, in any order', () => {
  const twice = (...columns: string[]) =>
    reuses(frame => windows(windows(frame.withKey('n'), 'shop', 'n').drop('rows'), ...columns))
  expect(twice('shop')).toBe(false)
  const plan = (...columns: string[]) => {
    const app = new Application({ id: 'shop' })
    const frame = app.dataframe(app.topic('sales', { value: json(Sale) }))
    return windows(windows(frame, 'shop', 'n').drop('rows'), ...columns).explain()
  }
  expect(plan('n', 'shop').match(/no repartition/g)).toHaveLength(1)
  expect(plan('n').match(/no repartition/g)).toBeNull()
})
