import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import type { Sink } from '../sink/sink.ts'
import { fromArray } from '../source/array-source.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { sinkContext } from '../testing/sink-context.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'
import { RowQueue } from './iterate.ts'

const Row = schema({ n: t.int32() })

function rows(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => ({ n: from + i }))
}

async function collected(queue: RowQueue): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const row of queue.read()) all.push(row)
  return all
}

describe('a queue of rows', () => {
  test('gives rows in order, without tombstones, up to the end', async () => {
    const queue = new RowQueue()
    const sink = queue.sink.create('0/0')
    await sink.open(sinkContext())
    expect(sink.write(batchOfRows(Row, [{ n: 1 }, null, { n: 2 }]))).toBeUndefined()
    expect(sink.write(batchOfRows(Row, [{ n: 3 }]))).toBeUndefined()
    queue.end()
    expect(await collected(queue)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  test('gives what came before a failure, then the failure', async () => {
    const queue = new RowQueue()
    await queue.sink.create('0/0').write(batchOfRows(Row, [{ n: 1 }]))
    queue.end(new Error('broker gone'))
    const read = queue.read()
    expect(await read.next()).toEqual({ value: { n: 1 }, done: false })
    await expect(read.next()).rejects.toThrow('broker gone')
  })

  test('makes its writer wait while 1024 rows lie unread', async () => {
    const queue = new RowQueue()
    const sink = queue.sink.create('0/0')
    expect(sink.write(batchOfRows(Row, rows(0, 1023)))).toBeUndefined()
    let isFree = false
    const room = Promise.resolve(sink.write(batchOfRows(Row, rows(1023, 1024)))).then(() => {
      isFree = true
    })
    const read = queue.read()
    for (let n = 0; n < 1024; n++) expect((await read.next()).value).toEqual({ n })
    expect(isFree).toBe(false)
    const next = read.next()
    await room
    await sink.write(batchOfRows(Row, [{ n: 1024 }]))
    expect((await next).value).toEqual({ n: 1024 })
    expect(isFree).toBe(true)
  })

  test('frees its writers when nobody reads any more', async () => {
    const queue = new RowQueue()
    const sinks: Sink[] = [queue.sink.create('0/0'), queue.sink.create('0/1')]
    const waits = sinks.map(sink => sink.write(batchOfRows(Row, rows(0, 1024))))
    expect(waits.every(wait => wait instanceof Promise)).toBe(true)
    queue.abandon()
    await Promise.all(waits)
    await sinks[0]?.write(batchOfRows(Row, rows(0, 2000)))
    expect(await collected(queue)).toEqual([])
  })
})

describe('for await over a frame', () => {
  test('of an array ends with it', async () => {
    const app = new Application({ id: 'rows', ...new TestDriver().options })
    const seen: unknown[] = []
    const frame = app.dataframe(fromArray(rows(0, 3000), { schema: Row, partitions: 3 }))
    for await (const row of frame.where(c => c.n.gte(1000))) seen.push(row.n)
    expect(seen.sort((x, y) => Number(x) - Number(y))).toEqual(rows(1000, 3000).map(({ n }) => n))
  })

  test('stops what reads when it is left early', async () => {
    const app = new Application({ id: 'rows', ...new TestDriver().options })
    const source = fromArray(rows(0, 100_000), { schema: Row })
    let read = 0
    let closed = 0
    const watched = {
      ...source,
      open: async (partition: number, position: string | null) => {
        const reader = await source.open(partition, position)
        return {
          read: async (max: number) => {
            const chunk = await reader.read(max)
            read += chunk?.records.length ?? 0
            return chunk
          },
          close: async () => {
            closed++
            await reader.close()
          },
        }
      },
    }
    for await (const row of app.dataframe(watched)) if (row.n === 10) break
    expect(closed).toBe(1)
    expect(read).toBeLessThan(20_000)
  })

  test('throws the error that stopped the run', async () => {
    const app = new Application({ id: 'rows', ...new TestDriver().options })
    const frame = app.dataframe(fromArray([{ n: 1 }, { n: 'two' }], { schema: Row as never }))
    const seen: unknown[] = []
    await expect(
      (async () => {
        for await (const row of frame) seen.push(row)
      })(),
    ).rejects.toThrow('DECODE_FAILED')
  })
})
