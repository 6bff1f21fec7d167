import { expect, test } from 'vitest'
import type { Columns } from '../expr/facets.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { type ListSink, listSink } from '../sink/list-sink.ts'
import type { SinkContext, SinkDefinition } from '../sink/sink.ts'
import { fromArray } from '../source/array-source.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
type Sale = typeof Sale.row

/** A list that wants columns computed, and notes what it was told of them. */
function computing(computes: NonNullable<SinkDefinition['computes']>) {
  const list: ListSink<Record<string, unknown>> = listSink()
  const told: SinkContext['computed'][] = []
  const sink: SinkDefinition = {
    ...list,
    computes,
    create: task => {
      const inner = list.create(task)
      return Object.assign(Object.create(inner), {
        open: (context: SinkContext) => {
          told.push(context.computed)
          return inner.open(context)
        },
        write: inner.write.bind(inner),
        prepare: inner.prepare.bind(inner),
        commit: inner.commit.bind(inner),
        abort: inner.abort.bind(inner),
        recover: inner.recover.bind(inner),
        close: inner.close.bind(inner),
      })
    },
  }
  return { list, sink, told }
}

const frameOf = (rows: Sale[]) => {
  const app = new Application({ id: 'computes' })
  return { app, frame: app.dataframe(fromArray(rows, { schema: Sale })) }
}

test('a sink gets the columns that it wants computed, behind the others, and what they are of', async () => {
  const { app, frame } = frameOf([{ shop: 'a', n: 2 }])
  const { list, sink, told } = computing((c: Columns<Sale>) => ({
    twice: c.n.mul(2),
    label: c.shop.concat('-', c.n.as(t.string())),
    region: 'eu',
  }))
  const plain = listSink()
  frame.sink(sink).sink(plain)
  expect(app.explain()).toContain('columns#1: twice = n * 2')
  await app.run({ until: 'end' })
  expect(list.rows).toEqual([{ shop: 'a', n: 2, twice: 4, label: 'a-2', region: 'eu' }])
  expect(plain.rows).toEqual([{ shop: 'a', n: 2 }])
  expect(told).toEqual([
    new Map([
      ['twice', ['n']],
      ['label', ['shop', 'n']],
      ['region', []],
    ]),
  ])
})

test('a record of which one cannot be computed goes to the policy of the step', async () => {
  const rows = [
    { shop: 'a', n: 1 },
    { shop: 'b', n: 2_000_000_000 },
    { shop: 'c', n: 3 },
  ]
  const twice = (c: Columns<Sale>) => ({ twice: c.n.mul(2) })
  const skipping = computing(twice)
  const first = frameOf(rows)
  first.frame.sink(skipping.sink, { onError: skip() })
  await first.app.run({ until: 'end' })
  expect(skipping.list.rows.map(({ shop }) => shop)).toEqual(['a', 'c'])
  const second = frameOf(rows)
  second.frame.sink(computing(twice).sink)
  await expect(second.app.run({ until: 'end' })).rejects.toMatchObject({ code: 'OVERFLOW' })
})

test('mistakes are thrown at the line of the sink', () => {
  const { frame } = frameOf([])
  const attach = (computes: NonNullable<SinkDefinition['computes']>) => () =>
    frame.sink(computing(computes).sink)
  expect(attach((c: Columns<{ m: number }>) => ({ twice: c.m.mul(2) }))).toThrow('UNKNOWN_COLUMN')
  expect(attach((c: Columns<Sale>) => ({ n: c.n.mul(2) }))).toThrow(
    'DUPLICATE_COLUMN: list computes a column "n", and the frame has one of that name.',
  )
  expect(attach(() => ({ twice: {} }))).toThrow(
    'list column "twice" needs an expression such as c.amount.gt(50), or a value; got object.',
  )
})

test('undeclared columns of an open frame pass beside those that are computed', async () => {
  const driver = new TestDriver({ partitions: 1 })
  const app = new Application({ id: 'open', ...driver.options })
  const topic = app.topic('open', { value: json() })
  const { list, sink } = computing((c: Columns<{ n: unknown }>) => ({
    twice: (c as unknown as Columns<{ n: never }>).n,
  }))
  app.dataframe(topic).sink(sink)
  await driver.feed(topic, [{ value: { n: 1, other: 'x' } }])
  await driver.start(app, { until: 'end' })
  expect(list.rows).toEqual([{ n: 1, other: 'x', twice: 1 }])
})
