import { expect, test } from 'vitest'
import {
  Application,
  count,
  fromArray,
  listSink,
  memoryState,
  type StateBackendFactory,
  schema,
  t,
  tumbling,
} from '../index.ts'
import { SILENT } from '../runtime/logger.ts'

const Sale = schema({ shop: t.string(), at: t.timestamp() })
const SALES = [
  { shop: 'a', at: 1_000 },
  { shop: 'a', at: 2_000 },
]

/** Notes what a run does with its state. */
function watched(notes: string[]): StateBackendFactory {
  return {
    async create(context) {
      const { applicationId, canRebuild } = context
      notes.push(`create for ${applicationId}, canRebuild ${canRebuild}`)
      const backend = await memoryState().create(context)
      return {
        name: backend.name,
        isDurable: backend.isDurable,
        slot: backend.slot,
        stats: () => backend.stats(),
        async open(name) {
          notes.push(`open ${name}`)
          return backend.open(name)
        },
        async close() {
          notes.push(`close with ${(await backend.stats()).entriesWritten} entries written`)
          await backend.close()
        },
      }
    },
  }
}

const frame = (app: Application) =>
  app.dataframe(fromArray(SALES, { schema: Sale, timestamp: 'at' })).groupBy('shop')

test('a run makes its state, opens a space per task, and closes it', async () => {
  const notes: string[] = []
  const app = new Application({ id: 'shop', state: watched(notes), log: SILENT })
  const counts = frame(app)
    .window(tumbling('10s'), { name: 'totals' })
    .agg(() => ({ n: count() }))
    .final()
  const list = listSink<{ n: number }>()
  counts.sink(list)
  await app.run({ handleSignals: false, flush: true, until: 'end' })
  expect(list.rows.map(({ n }) => n)).toEqual([2])
  expect(notes[0]).toBe('create for shop, canRebuild true')
  expect(notes.filter(note => note.startsWith('open ')).length).toBeGreaterThan(0)
  expect(notes.at(-1)).toMatch(/^close with/)
})

test('a run without state makes none', async () => {
  const notes: string[] = []
  const app = new Application({ id: 'shop', state: watched(notes), log: SILENT })
  const list = listSink<object>()
  app.dataframe(fromArray(SALES, { schema: Sale })).sink(list)
  await app.run({ handleSignals: false })
  expect([list.rows.length, notes]).toEqual([2, []])
})

test('collect leaves the state of the application alone', async () => {
  const notes: string[] = []
  const app = new Application({ id: 'shop', state: watched(notes), log: SILENT })
  const counts = frame(app)
    .window(tumbling('10s'), { name: 'totals' })
    .agg(() => ({ n: count() }))
    .final()
  expect((await counts.collect({ flush: true })).map(({ n }) => n)).toEqual([2])
  expect(notes).toEqual([])
})
