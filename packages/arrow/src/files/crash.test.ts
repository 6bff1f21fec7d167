/**
 * Arrow and Parquet files in folders, written by processes that are killed in the middle of a
 * checkpoint: afterwards each row is in one visible file, once, and nothing hidden is left.
 */
import {
  Application,
  type FileFormat,
  filesSink,
  json,
  memoryStore,
  schema,
  t,
} from '@millrace/core'
import { CHECKPOINT_STEPS, TestDriver, watchCheckpoint } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { fromArrow } from '../source/arrow-source.ts'
import { fromParquet } from '../source/parquet-source.ts'
import { arrowFile } from './ipc-format.ts'
import { parquet } from './parquet-format.ts'

const Row = schema({ n: t.int32(), odd: t.boolean() })
const STANDS_STILL = new Promise<void>(() => {})
const records = (...ns: number[]) =>
  ns.map(n => ({ value: { n, odd: n % 2 === 1 }, timestamp: n * 1_000 }))

const FORMATS: [string, FileFormat, typeof fromArrow][] = [
  ['Arrow', arrowFile({ compression: 'lz4' }), fromArrow],
  ['Parquet', parquet(), fromParquet],
]

describe.each(FORMATS)('%s', (_, format, read) => {
  test.each(CHECKPOINT_STEPS)('killed before and after %s leaves each row once', async step => {
    for (const moment of ['before', 'after'] as const) {
      const driver = new TestDriver()
      const store = memoryStore()
      const opened = () => {
        const app = new Application({ id: 'app', ...driver.options, guarantee: 'exactly-once' })
        const from = app.topic('from', { value: json(Row) })
        app.dataframe(from).sink(filesSink(store, { format, partitionBy: ['odd'], fileRowsMax: 2 }))
        return { app, from }
      }
      const first = opened()
      let checkpoints = 0
      watchCheckpoint(first.app, (at, when) => {
        if (at !== step || when !== moment || ++checkpoints < 2) return undefined
        driver.crash(first.app)
        return STANDS_STILL
      })
      await driver.start(first.app)
      await driver.feed(first.from, records(1, 2, 3))
      await driver.advance('1s')
      await driver.feed(first.from, records(4, 5, 6, 7, 8))
      await driver.advance('1s')
      expect(driver.clientOf(first.app), `${moment} ${step}`).toBe(null)
      const second = opened()
      await driver.start(second.app)
      await driver.advance('15s')
      await driver.feed(second.from, records(9, 10))
      await driver.stop()
      const names = await store.list('')
      expect(names.filter(name => /(^|\/)\./.test(name))).toEqual([])
      const frame = new Application({ id: 'read' }).dataframe(await read({ store }))
      const found = (await frame.collect()).map(row => (row as { n: number }).n)
      expect(found.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }
  })
})
