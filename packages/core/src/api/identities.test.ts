import { describe, expect, test } from 'vitest'
import { count } from '../aggregate/index.ts'
import type { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })

function sales(keyed = false): StreamingDataFrame<{ shop: string; n: number }> {
  const app = new Application({ id: 'shop' })
  const key = { key: string(), keyColumn: 'shop' } as const
  const value = json(Sale)
  return app.dataframe(
    keyed ? app.topic('sales', { ...key, value }) : app.topic('sales', { value }),
  )
}

interface Names {
  readonly group?: string
  readonly window?: string
}

function counts(frame: StreamingDataFrame, names: Names = {}, column = 'shop') {
  const { group, window } = names
  return frame
    .groupBy(column, group === undefined ? {} : { name: group })
    .window(tumbling('1s'), window === undefined ? {} : { name: window })
    .agg(() => ({ rows: count() }))
    .final()
}

describe('two groupings by one column', () => {
  test('need names, which the error asks for where the second is attached', () => {
    const frame = sales()
    counts(frame).sink(listSink())
    const second = counts(frame.where(c => c.n.gt(1)))
    const attach = () => second.sink(listSink())
    expect(attach).toThrow(
      'INVALID_PLAN: steps groupBy#1 and groupBy#2 would share the name "repartition by-shop-sales"',
    )
    expect(attach).toThrow('groupBy(…, { name }), window(…, { name }) or process({ name, … })')
    try {
      attach()
    } catch (error) {
      const frame = (error as MillraceError).stack?.split('\n').find(line => /^ +at /.test(line))
      expect(frame).toContain('identities.test.ts')
    }
  })

  test('are taken with names', () => {
    const frame = sales()
    counts(frame).sink(listSink())
    counts(frame, { group: 'g', window: 'w' }).sink(listSink())
    expect(() => counts(frame, { group: 'g2', window: 'w' }).sink(listSink())).toThrow(
      'would share the name "state w"',
    )
    expect(() => counts(frame, { group: 'g', window: 'w2' }).sink(listSink())).toThrow(
      'would share the name "repartition g"',
    )
  })

  test('of which an attempt was refused leave nothing behind', () => {
    const frame = sales()
    counts(frame).sink(listSink())
    expect(() => counts(frame).sink(listSink())).toThrow('INVALID_PLAN')
    counts(frame, {}, 'n').sink(listSink())
  })
})

test('one frame for two outputs is one step', () => {
  const frame = counts(sales())
  frame.sink(listSink())
  frame.where(c => c['rows']!.gt(1)).sink(listSink())
})

test('groupings by the record key keep nothing, their windows do', () => {
  const frame = sales(true)
  counts(frame).sink(listSink())
  expect(() => counts(frame).sink(listSink())).toThrow('"state tumbling-shop-sales"')
  counts(frame, { window: 'again' }).sink(listSink())
})

test('two windows on one grouping need names, whatever their sizes', () => {
  const grouped = sales().groupBy('shop')
  const windows = (size: '1s' | '5s', name?: string) =>
    grouped
      .window(tumbling(size), name === undefined ? {} : { name })
      .agg(() => ({ rows: count() }))
      .final()
  windows('1s').sink(listSink())
  expect(() => windows('5s').sink(listSink())).toThrow('INVALID_PLAN')
  windows('5s', 'five').sink(listSink())
})

test('frames that are read on their own are checked as well', async () => {
  const twice = counts(counts(sales()).drop('rows'))
  await expect(twice.collect()).rejects.toThrow('would share the name "state tumbling-shop-sales"')
  await expect(twice[Symbol.asyncIterator]().next()).rejects.toThrow('INVALID_PLAN')
  const named = counts(counts(sales()).drop('rows'), { window: 'second' })
  expect(named.explain()).toContain('state second')
})
