/**
 * Processes that read a source outside Kafka under `resume` and are killed or stopped in the middle
 * of a checkpoint: the next one goes on where the last commit was. State and what is exactly once
 * are as of one reading; nothing that was committed is read again.
 */
import { describe, expect, test } from 'vitest'
import { sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import { memoryStore } from '../object-store/memory-store.ts'
import { allNames } from '../object-store/object-store.ts'
import { CHECKPOINT_STEPS, type CheckpointStep } from '../runtime/checkpoint-step.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { filesSink } from '../sink/files-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { replay } from '../source/replay.ts'
import type { Source } from '../source/source.ts'
import { tumbling } from '../window/window.ts'
import { TestDriver } from './test-driver.ts'
import { watchCheckpoint } from './watch-checkpoint.ts'

const Row = schema({ n: t.int32(), odd: t.boolean(), at: t.timestamp() })
const KINDS = ['without state', 'with state behind it'] as const
const GUARANTEES = ['exactly-once', 'at-least-once'] as const
const NS = Array.from({ length: 12 }, (_, i) => i)
const STANDS_STILL = new Promise<void>(() => {})
type Kind = (typeof KINDS)[number]

/** One row each second, in two partitions; notes where it is opened and how many rows it gave. */
function recording(rows: readonly object[]) {
  const opened: (string | null)[] = []
  const given: number[] = []
  const array = fromArray(rows, { schema: Row, timestamp: 'at', partitions: 2 })
  const source: Source<{ n: number; odd: boolean; at: number }> = {
    ...array,
    open: async (partition, position, context) => {
      opened.push(position)
      const reader = await array.open(partition, position, context)
      return {
        read: async max => {
          const chunk = await reader.read(max)
          given.push(...chunk.records.map(({ value }) => value['n'] as number))
          return chunk
        },
        close: () => reader.close(),
      }
    },
  }
  return { source: replay(source, { speed: 1 }), opened, given }
}

function world(kind: Kind, guarantee: (typeof GUARANTEES)[number]) {
  const driver = new TestDriver({ turnsMax: 20_000 })
  const store = memoryStore()
  const rows = NS.map(n => ({ n, odd: n % 2 === 1, at: n * 1_000 }))
  const start = async (prepare: (app: Application) => void = () => {}) => {
    const app = new Application({ id: 'app', ...driver.options, guarantee, batchRecordsMax: 2 })
    const { source, opened, given } = recording(rows)
    const frame = app.dataframe(source, { resume: 'rows' })
    const out = app.topic('out', { create: { partitions: 1 } })
    const numbers = kind === 'without state' ? frame.select('n') : summed(frame)
    numbers.sink(filesSink(store, { fileBytesMax: 30 }))
    numbers.toTopic(out)
    prepare(app)
    await driver.start(app)
    return { app, out, opened, given }
  }
  const files = async (): Promise<number[]> => {
    const found: number[] = []
    for await (const name of allNames(store, '')) {
      const text = Buffer.from((await store.get(name, 0, 1_000)) ?? []).toString()
      if (name.startsWith('.')) throw new Error(`${name} is left`)
      for (const line of text.trimEnd().split('\n')) found.push(Number(JSON.parse(line).n))
    }
    return found.sort(ascending)
  }
  return { driver, start, files }
}

/** Of two seconds and odd or even there is one row. */
function summed(frame: StreamingDataFrame<{ n: number; odd: boolean; at: number }>) {
  return frame
    .groupBy('odd')
    .window(tumbling('2s'))
    .agg(c => ({ n: sum(c.n) }))
    .final()
    .select('n')
}

const ascending = (a: number, b: number): number => a - b

describe.each(GUARANTEES)('%s', guarantee => {
  describe.each(KINDS)('a task %s', kind => {
    test.each(CHECKPOINT_STEPS)('killed before and after %s is gone on from', async step => {
      for (const moment of ['before', 'after'] as const) {
        const { driver, start, files } = world(kind, guarantee)
        let checkpoints = 0
        const first = await start(app =>
          watchCheckpoint(app, (at, when) => {
            if (at !== step || when !== moment || ++checkpoints < 4) return undefined
            driver.crash(app)
            return STANDS_STILL
          }),
        )
        for (let i = 0; i < 8; i++) await driver.advance('1s')
        const place = `${moment} ${step}`
        expect(driver.clientOf(first.app), place).toBe(null)
        const second = await start()
        for (let i = 0; i < 30; i++) await driver.advance('1s')
        expect(second.app.status().state, place).toBe('stopped')
        expect(await files(), place).toEqual(NS)
        const out = (await driver.read(second.out)).map(({ value }) => value?.['n'] as number)
        const once = guarantee === 'exactly-once' ? out : [...new Set(out)]
        expect(once.sort(ascending), place).toEqual(NS)
        expect(second.opened, place).not.toContain(null)
        expect(second.given.length, place).toBeLessThan(NS.length)
      }
    })

    const STOPS: readonly CheckpointStep[] = ['prepare', 'flush', 'commit', 'publish']
    test.each(STOPS)('stopped before and after %s has nothing to say any more', async step => {
      for (const moment of ['before', 'after'] as const) {
        const { driver, start, files } = world(kind, guarantee)
        let goOn = async (): Promise<void> => {}
        let checkpoints = 0
        await start(app =>
          watchCheckpoint(app, (at, when) => {
            if (at !== step || when !== moment || ++checkpoints !== 4) return undefined
            const thaw = driver.freeze(app)
            return new Promise(resolve => {
              goOn = () => {
                resolve()
                return thaw()
              }
            })
          }),
        )
        for (let i = 0; i < 8; i++) await driver.advance('1s')
        expect(checkpoints).toBe(4)
        const second = await start()
        for (let i = 0; i < 30; i++) await driver.advance('1s')
        const place = `${moment} ${step}`
        expect(second.app.status().state, place).toBe('stopped')
        await goOn()
        for (let i = 0; i < 5; i++) await driver.advance('1s')
        // Where it had come to counts no more.
        const third = await start()
        await driver.advance('1s')
        expect([third.app.status().state, third.given], place).toEqual(['stopped', []])
        expect(await files(), place).toEqual(NS)
        const out = (await driver.read(second.out)).map(({ value }) => value?.['n'] as number)
        const once = guarantee === 'exactly-once' ? out : [...new Set(out)]
        expect(once.sort(ascending), place).toEqual(NS)
      }
    })
  })
})
