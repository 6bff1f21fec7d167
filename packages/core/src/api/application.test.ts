import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { MillraceError } from '../errors.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'
import type { ApplicationOptions } from './application-options.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
const SALES = [
  { shop: 'a', n: 1 },
  { shop: 'b', n: 2 },
]

function driven(options: Partial<ApplicationOptions> = {}) {
  const driver = new TestDriver()
  const app = new Application({ id: 'shop', ...driver.options, ...options })
  const sales = app.topic('sales', { value: json(Sale) })
  return { driver, app, sales, frame: app.dataframe(sales) }
}

function signalListeners(): number {
  return process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
}

describe('options', () => {
  test.each([
    [undefined, 'an application needs an id of 1 to 150 letters'],
    [{}, 'got undefined.'],
    [{ id: 'a b' }, 'got "a b".'],
    [{ id: '' }, 'got "".'],
    [{ id: 'x', guarantee: 'twice' }, "guarantee must be 'at-least-once' or 'exactly-once'"],
    [{ id: 'x', commitInterval: 'soon' }, 'commitInterval must be whole milliseconds'],
    [{ id: 'x', batchRecordsMax: 0 }, 'batchRecordsMax must be a whole number above 0; got 0.'],
    [{ id: 'x', bufferBytesMax: 1.5 }, 'bufferBytesMax must be a whole number above 0; got 1.5.'],
  ])('%j are refused', (options, text) => {
    expect(() => new Application(options as never)).toThrow(text)
    expect(() => new Application(options as never)).toThrow('INVALID_ARGUMENT')
  })

  test('onError of the application is the policy of its steps', async () => {
    const { driver, sales, frame } = driven({ onError: skip() })
    await driver.feed(sales, [{ value: Buffer.from('not json') }, { value: { shop: 'a', n: 1 } }])
    expect(await frame.collect()).toEqual([{ shop: 'a', n: 1 }])
  })

  test('batchRecordsMax changes no result', async () => {
    for (const batchRecordsMax of [1, 7]) {
      const app = new Application({ id: 'x', ...new TestDriver().options, batchRecordsMax })
      const rows = Array.from({ length: 20 }, (_, n) => ({ n }))
      expect(await app.dataframe(fromArray(rows)).collect()).toEqual(rows)
    }
  })
})

describe('frames', () => {
  test('come of topics and sources, of nothing else', () => {
    const { app } = driven()
    for (const input of ['sales', undefined, SALES]) {
      expect(() => app.dataframe(input as never)).toThrow(
        "dataframe needs a topic, app.topic('sales'), or a source such as fromArray(rows)",
      )
    }
  })

  test('of one topic share a reader; a topic declared twice is refused', () => {
    const { app, sales, frame } = driven()
    frame.select('n').sink(listSink())
    app.dataframe(sales).select('shop').sink(listSink())
    expect(app.explain().match(/topic sales/g)).toHaveLength(1)
    const again = app.topic('sales', { value: json(Sale) })
    expect(() => app.dataframe(again)).toThrow(
      'INVALID_PLAN: topic "sales" is read already, as declared elsewhere.',
    )
  })

  test('explain themselves without being run', () => {
    const { app, frame } = driven()
    expect(frame.where(c => c.n.gt(1)).explain()).toContain('where#1: n > 1')
    expect(app.explain()).toBe('')
  })
})

describe('run', () => {
  test('is refused when there is nothing to run', async () => {
    const { app, frame } = driven()
    frame.where(c => c.n.gt(1))
    await expect(app.run()).rejects.toThrow('INVALID_PLAN: there is nothing to run')
  })

  test('is refused while it runs, and possible again after it', async () => {
    const { driver, app, sales, frame } = driven()
    const list = listSink()
    frame.sink(list)
    await driver.start(app)
    await expect(app.run()).rejects.toThrow('the application is running already')
    await driver.stop()
    await driver.feed(sales, [{ value: SALES[0]! }])
    await driver.start(app, { until: 'end' })
    expect(list.rows).toEqual([SALES[0]])
  })

  test('refuses an end it does not know', async () => {
    const { app, frame } = driven()
    frame.print()
    await expect(app.run({ until: 'End' as never })).rejects.toThrow(
      'until must be \'end\', or left out to run until stopped; got "End".',
    )
  })

  test('ends at the present end with until; windows stay open unless flushed', async () => {
    for (const flush of [false, true]) {
      const { driver, app, sales, frame } = driven()
      const list = listSink()
      frame
        .groupBy('shop')
        .window(tumbling('1s'))
        .agg(() => ({ rows: count() }))
        .final()
        .sink(list)
      await driver.feed(
        sales,
        SALES.map(value => ({ value, timestamp: 5 })),
      )
      await driver.start(app, { until: 'end', flush })
      expect(app.status().state).toBe('stopped')
      expect(list.rows).toHaveLength(flush ? 2 : 0)
    }
  })

  test('rejects with the error that stopped it, and can run again', async () => {
    const { driver, app, sales, frame } = driven()
    frame
      .filter(row => {
        if (row.n === 2) throw new Error('no twos')
        return true
      })
      .sink(listSink())
    await driver.start(app)
    const fed = driver.feed(
      sales,
      SALES.map(value => ({ value })),
    )
    await expect(fed).rejects.toThrow('FUNCTION_FAILED')
    expect(app.status()).toMatchObject({ state: 'stopped', epochs: 0, tasks: [] })
    await expect(driver.start(app)).rejects.toThrow('no twos')
  })

  test('stops by stop() and by a signal of its own', async () => {
    const { driver, app, frame } = driven()
    frame.sink(listSink())
    const controller = new AbortController()
    await driver.start(app, { signal: controller.signal })
    expect(app.status().state).toBe('running')
    controller.abort()
    await driver.stop()
    expect(app.status().state).toBe('stopped')
    await driver.start(app)
    app.stop()
    await driver.stop()
    const gone = new AbortController()
    gone.abort()
    await driver.start(app, { signal: gone.signal })
    expect(app.status().state).toBe('stopped')
  })
})

describe('signals of the process', () => {
  test('stop the run gracefully, and only while it runs', async () => {
    const { driver, app, frame } = driven()
    frame.sink(listSink())
    const before = signalListeners()
    await driver.start(app, { handleSignals: true })
    expect(signalListeners()).toBe(before + 2)
    process.emit('SIGTERM')
    await driver.stop()
    expect(app.status().state).toBe('stopped')
    expect(signalListeners()).toBe(before)
  })

  test('are left alone when asked, and after a start that failed', async () => {
    const before = signalListeners()
    const { driver, app, frame } = driven()
    frame.sink(listSink())
    await driver.start(app)
    expect(signalListeners()).toBe(before)
    await driver.stop()
    const create = () => {
      throw new MillraceError('BROKER_UNREACHABLE', 'nobody there.')
    }
    const far = new Application({ id: 'far', broker: { ...driver.options.broker, create } })
    far.dataframe(far.topic('sales')).print()
    await expect(far.run()).rejects.toThrow('BROKER_UNREACHABLE')
    expect(signalListeners()).toBe(before)
    expect(far.status().state).toBe('stopped')
  })
})

describe('collect', () => {
  test('reads to the present end, without a group, again and again', async () => {
    const { driver, sales, frame } = driven()
    await driver.feed(sales, [{ value: SALES[0]! }, { value: null }])
    expect(await frame.collect()).toEqual([SALES[0]])
    await driver.feed(sales, [{ value: SALES[1]! }])
    expect(await frame.select('n').collect()).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('closes windows when asked, keeps internal topics to itself', async () => {
    const { driver, sales, frame } = driven()
    await driver.feed(
      sales,
      SALES.map(value => ({ value, timestamp: 5 })),
    )
    const totals = frame
      .groupBy('shop')
      .window(tumbling('1s'))
      .agg(c => ({ n: sum(c.n) }))
      .final()
      .select('shop', 'n')
    expect(await totals.collect()).toEqual([])
    const rows = await totals.collect({ flush: true })
    expect(rows.sort((x, y) => (x.shop < y.shop ? -1 : 1))).toEqual(SALES)
    expect(driver.broker.partitionCount('shop.by-shop-sales.repartition')).toBeNull()
  })

  test('rejects with the error of a bad record', async () => {
    const { driver, sales, frame } = driven()
    await driver.feed(sales, [{ value: Buffer.from('{"shop":1}') }])
    await expect(frame.collect()).rejects.toThrow(/DECODE_FAILED.*topic sales\/0 offset 0/)
  })

  test('stops early by a signal', async () => {
    const { driver, sales, frame } = driven()
    await driver.feed(sales, [{ value: SALES[0]! }])
    const controller = new AbortController()
    controller.abort()
    expect(await frame.collect({ signal: controller.signal })).toEqual([])
  })

  test('may go on while the application runs', async () => {
    const { driver, app, sales, frame } = driven()
    const list = listSink()
    frame.sink(list)
    await driver.start(app)
    await driver.feed(sales, [{ value: SALES[0]! }])
    expect(await frame.collect()).toEqual([SALES[0]])
    await driver.advance('1s')
    expect(list.rows).toEqual([SALES[0]])
    await driver.stop()
  })
})

test('print shows rows on an output', async () => {
  const { driver, app, sales, frame } = driven()
  let text = ''
  const out = {
    write(chunk: string, done: () => void) {
      text += chunk
      done()
    },
  }
  frame.select('n').print({ out })
  await driver.feed(
    sales,
    SALES.map(value => ({ value })),
  )
  await driver.start(app, { until: 'end' })
  expect(text).toMatch(/n\D*1\D*2/)
})

test('the in-memory broker is there when none is given', async () => {
  const app = new Application({ id: 'alone', log: new TestDriver().options.log })
  expect(await app.dataframe(fromArray(SALES, { schema: Sale })).collect()).toEqual(SALES)
  expect(() => app.topic('x', { key: string(), keyColumn: 'k' })).not.toThrow()
})
