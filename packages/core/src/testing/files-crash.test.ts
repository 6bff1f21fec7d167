/**
 * Files of a topic's rows, written by processes that are killed or stopped in the middle of a
 * checkpoint: afterwards each row is in one visible file, once, and nothing staged is left.
 */
import { describe, expect, test } from 'vitest'
import { sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import { memoryStore } from '../object-store/memory-store.ts'
import { allNames } from '../object-store/object-store.ts'
import { CHECKPOINT_STEPS, type CheckpointStep } from '../runtime/checkpoint-step.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { filesSink } from '../sink/files-sink.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { tumbling } from '../window/window.ts'
import { TestDriver } from './test-driver.ts'
import { watchCheckpoint } from './watch-checkpoint.ts'

const Row = schema({ k: t.string(), n: t.int32() })
const KINDS = ['with state', 'without state'] as const
const GUARANTEES = ['exactly-once', 'at-least-once'] as const
type Kind = (typeof KINDS)[number]

/** A driver, and the processes of one application on it, all writing into one store. */
function world(kind: Kind, guarantee: (typeof GUARANTEES)[number]) {
  const driver = new TestDriver()
  const store = memoryStore()
  const files = filesSink(store, { fileBytesMax: 30 })
  const opened = (sink: SinkDefinition = files) => {
    const app = new Application({ id: 'app', ...driver.options, guarantee })
    const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Row) })
    const frame = app.dataframe(from)
    if (kind === 'without state') frame.select('n').sink(sink)
    else {
      frame
        .window(tumbling('1s'))
        .agg(c => ({ n: sum(c.n) }))
        .final()
        .select('n')
        .sink(sink)
    }
    return { app, from }
  }
  /** Values of the visible rows, ascending, and the names of all other files. */
  const found = async () => {
    const rows: number[] = []
    const hidden: string[] = []
    for await (const name of allNames(store, '')) {
      const text = Buffer.from((await store.get(name, 0, 1_000)) ?? []).toString()
      if (name.startsWith('.')) hidden.push(name)
      else for (const line of text.trimEnd().split('\n')) rows.push(Number(JSON.parse(line).n))
    }
    return { rows: rows.sort((a, b) => a - b), hidden }
  }
  return { driver, files, opened, found }
}

/** One row each second of event time. */
const records = (...ns: number[]) => ns.map(n => ({ value: { k: 'a', n }, timestamp: n * 1_000 }))

/** The last window stays open. */
function expected(kind: Kind, last: number): { rows: number[]; hidden: string[] } {
  const count = kind === 'without state' ? last : last - 1
  return { rows: Array.from({ length: count }, (_, i) => i + 1), hidden: [] }
}

const STANDS_STILL = new Promise<void>(() => {})

describe.each(GUARANTEES)('%s', guarantee => {
  describe.each(KINDS)('a task %s', kind => {
    test.each(CHECKPOINT_STEPS)('killed before and after %s leaves each row once', async step => {
      for (const moment of ['before', 'after'] as const) {
        const { driver, opened, found } = world(kind, guarantee)
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
        await driver.feed(first.from, records(4, 5, 6))
        await driver.advance('1s')
        expect(driver.clientOf(first.app), `${moment} ${step}`).toBe(null)
        const second = opened()
        await driver.start(second.app)
        await driver.advance('15s')
        await driver.feed(second.from, records(7, 8))
        await driver.advance('1s')
        await driver.feed(second.from, records(9))
        await driver.stop()
        expect(await found(), `${moment} ${step}`).toEqual(expected(kind, 9))
      }
    })

    const STOPS: readonly CheckpointStep[] = ['prepare', 'commit', 'publish']
    test.each(STOPS)('stopped before and after %s leaves the next owner its rows', async step => {
      for (const moment of ['before', 'after'] as const) {
        const { driver, opened, found } = world(kind, guarantee)
        const first = opened()
        let goOn = async (): Promise<void> => {}
        let checkpoints = 0
        watchCheckpoint(first.app, (at, when) => {
          if (at !== step || when !== moment || ++checkpoints !== 2) return undefined
          const thaw = driver.freeze(first.app)
          return new Promise(resolve => {
            goOn = () => {
              resolve()
              return thaw()
            }
          })
        })
        await driver.start(first.app)
        await driver.feed(first.from, records(1, 2, 3))
        await driver.advance('1s')
        await driver.feed(first.from, records(4, 5, 6))
        await driver.advance('1s')
        const second = opened()
        await driver.start(second.app)
        await driver.advance('15s')
        await driver.feed(second.from, records(7, 8))
        await driver.advance('1s')
        await goOn()
        await driver.feed(second.from, records(9, 10))
        await driver.advance('5s')
        await driver.stop()
        // What was staged after the next owner had opened the task goes when it is opened again.
        const third = opened()
        await driver.start(third.app)
        await driver.feed(third.from, records(11))
        await driver.stop()
        expect(await found(), `${moment} ${step}`).toEqual(expected(kind, 11))
      }
    })

    test('stopped when it recovers an epoch leaves the next one to the next owner', async () => {
      const { driver, files, opened, found } = world(kind, guarantee)
      const first = opened()
      await driver.start(first.app)
      await driver.feed(first.from, records(1, 2, 3))
      await driver.advance('1s')
      await driver.stop()

      let goOn: (() => Promise<void>) | null = null
      const slow: SinkDefinition = {
        name: files.name,
        create: task => {
          const sink = files.create(task)
          const recover = sink.recover.bind(sink)
          sink.recover = async receipts => {
            if (goOn === null) {
              const thaw = driver.freeze(old.app)
              await new Promise<void>(resolve => {
                goOn = () => {
                  resolve()
                  return thaw()
                }
              })
            }
            await recover(receipts)
          }
          return sink
        },
      }
      const old = opened(slow)
      await driver.start(old.app)
      expect(goOn).not.toBe(null)

      const owner = opened()
      let hasRows = false
      let isCommitted = false
      watchCheckpoint(owner.app, (at, when) => {
        if (!hasRows || at !== 'publish' || when !== 'before') return undefined
        isCommitted = true
        driver.crash(owner.app)
        return STANDS_STILL
      })
      await driver.start(owner.app)
      await driver.advance('15s')
      hasRows = true
      await driver.feed(owner.from, records(4, 5, 6))
      await driver.advance('1s')
      expect(isCommitted).toBe(true)
      await (goOn as unknown as () => Promise<void>)()
      await driver.advance('15s')
      await driver.feed(old.from, records(7, 8))
      await driver.advance('1s')
      await driver.feed(old.from, records(9))
      await driver.stop()
      expect(await found()).toEqual(expected(kind, 9))
    })
  })
})
