import { expect, test } from 'vitest'
import type { SubTopology } from '../operator/pipeline.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { StateBackend, StateEntry } from '../state/state-backend.ts'
import type { SealedState } from '../state/store.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { SimulatedDisk } from '../testing/simulation/simulated-disk.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import { changelogRecords, markerEntry } from './changelog.ts'
import { SILENT } from './logger.ts'
import { TaskState } from './task-state.ts'

const PART = { stores: [{ identity: 's', fingerprint: 'f' }], input: { kind: 'topic' } } as never
const NEVER = new AbortController().signal
const CONTEXT = { applicationId: 'app', log: SILENT, canRebuild: true }
const marker = (epoch: number): StateEntry =>
  markerEntry({ epoch, inputs: [], decisions: [], receipts: [], fingerprints: [] })
const entry = (value: number): StateEntry => ({
  key: Uint8Array.of(1, 1),
  value: Uint8Array.of(value),
})

function setUp(backend: StateBackend | null, name: string | null = 'log') {
  const broker = new InMemoryBroker()
  broker.createTopic('log')
  const transport = inMemory(broker).create({ applicationId: 'app', log: SILENT })
  const topicIds = new Map([['log', 'id']])
  const read: number[] = []
  const warnings: string[] = []
  const log = {
    ...SILENT,
    warn: (_: object, text: string) => void warnings.push(text),
    info: (details: object) => void read.push((details as never)['recordsRead']),
  }
  const clock = new ManualClock()
  const changelog = ({ stores }: SubTopology) => (stores.length > 0 ? name : null)
  const stateBytesMax = 1_000_000
  const options = { transport, backend, clock, log, changelog, topicIds, stateBytesMax }
  const state = new TaskState({ ...options, waiting: promise => promise })
  const commit = async (entries: readonly StateEntry[]): Promise<void> => {
    const producer = await transport.createProducer()
    await producer.write(changelogRecords({ topic: 'log', partition: 0 }, entries, 0))
  }
  return { state, commit, read, warnings }
}

const sealed = (...entries: StateEntry[]): SealedState => ({ entries, cleared: [] })

async function valuesOf(open: Awaited<ReturnType<TaskState['open']>>): Promise<unknown[]> {
  const entries = (await open?.space.scan(Uint8Array.of(1), null, 1_000)) ?? []
  return entries.map(({ value }) => value?.[0])
}

test('a task has a changelog when it keeps state that can be gone on from', () => {
  const { state } = setUp(memoryBackend())
  expect(state.changelogOf(PART, 3)).toEqual({ topic: 'log', partition: 3 })
  const stateless = { stores: [], input: { kind: 'topic' } } as unknown as SubTopology
  expect(state.changelogOf(stateless, 0)).toBe(null)
  expect(setUp(memoryBackend(), null).state.changelogOf(PART, 0)).toBe(null)
})

test('without a backend nothing is opened, kept or asked for', async () => {
  const { state } = setUp(null)
  expect(await state.open(PART, 0, NEVER)).toBe(null)
  expect(await state.changelogEnd(PART, 0)).toBe(null)
  await state.keep(PART, 0, sealed(entry(1)), null)
  await state.close(PART, 0)
})

test('without a changelog state begins empty, also where there was some', async () => {
  const { state } = setUp(memoryBackend(), null)
  const open = await state.open(PART, 0, NEVER)
  expect([open?.changelog, open?.found, await open?.catchUp()]).toEqual([
    null,
    undefined,
    undefined,
  ])
  await state.keep(PART, 0, sealed(entry(1)), null)
  expect(await valuesOf(open)).toEqual([1])
  expect(await state.changelogEnd(PART, 0)).toBe(null)
  await state.close(PART, 0)
  expect(await valuesOf(await state.open(PART, 0, NEVER))).toEqual([])
})

test('what is cleared goes before what is kept comes', async () => {
  const { state } = setUp(memoryBackend())
  const open = await state.open(PART, 0, NEVER)
  await state.keep(PART, 0, sealed(entry(1), { ...entry(5), key: Uint8Array.of(1, 5) }), null)
  const cleared = [[Uint8Array.of(1, 1), Uint8Array.of(1, 2)]] as const
  await state.keep(PART, 0, { entries: [], cleared }, null)
  expect(await valuesOf(open)).toEqual([5])
  await state.keep(PART, 0, { entries: [entry(2)], cleared }, null)
  expect(await valuesOf(open)).toEqual([2, 5])
})

test('opens what the changelog holds, and catches up with what came since', async () => {
  const { state, commit } = setUp(memoryBackend())
  await commit([entry(1), marker(4)])
  const open = await state.open(PART, 0, NEVER)
  expect(open?.found?.marker?.epoch).toBe(4)
  expect(await valuesOf(open)).toEqual([1])
  await commit([entry(2), marker(5)])
  expect((await open?.catchUp())?.marker?.epoch).toBe(5)
  expect(await valuesOf(open)).toEqual([2])
})

test('a space that was closed can be opened again, in this process or the next', async () => {
  const disk = new SimulatedDisk()
  const { state, commit, read } = setUp(await disk.at('a').create(CONTEXT))
  await state.open(PART, 0, NEVER)
  const position = await state.changelogEnd(PART, 0)
  expect(position?.offset).toBe(0)
  await commit([entry(1), marker(0)])
  await state.keep(PART, 0, sealed(entry(1), marker(0)), position)
  await state.close(PART, 0)
  // What came after the position is read again, and changes nothing.
  const again = await state.open(PART, 0, NEVER)
  expect([read, again?.found?.marker?.epoch, await valuesOf(again)]).toEqual([[2], 0, [1]])
  const end = await state.changelogEnd(PART, 0)
  await state.keep(PART, 0, sealed(entry(1), marker(0)), end)
  await state.close(PART, 0)
  await state.open(PART, 0, NEVER)
  expect(read).toEqual([2])
})

test('state in memory asks nobody where its changelog ends', async () => {
  const { state } = setUp(memoryBackend())
  await state.open(PART, 0, NEVER)
  expect(await state.changelogEnd(PART, 0)).toBe(null)
})

test('a disk that is full at the end is told of, and the task closes', async () => {
  const disk = new SimulatedDisk()
  const { state, commit, warnings } = setUp(await disk.at('a').create(CONTEXT))
  await state.open(PART, 0, NEVER)
  const position = await state.changelogEnd(PART, 0)
  await commit([entry(1), marker(0)])
  await state.keep(PART, 0, sealed(entry(1), marker(0)), position)
  disk.fill('a', true)
  await state.close(PART, 0)
  expect(warnings).toEqual([expect.stringContaining('could not be written')])
  disk.fill('a', false)
  expect(await valuesOf(await state.open(PART, 0, NEVER))).toEqual([1])
})

test('an epoch that came to the disk in part is read again, all of it', async () => {
  const disk = new SimulatedDisk()
  const { state, commit, read } = setUp(await disk.at('a').create(CONTEXT))
  await state.open(PART, 0, NEVER)
  const position = await state.changelogEnd(PART, 0)
  await state.keep(PART, 0, sealed(entry(1), marker(0)), position)
  const large = [2, 3].map(key => ({
    key: Uint8Array.of(1, key),
    value: new Uint8Array(600_000).fill(key),
  }))
  const epoch = [entry(4), ...large, marker(1)]
  await commit(epoch)
  await state.keep(PART, 0, sealed(...epoch), position)
  // The last page of three, with the marker and the position.
  disk.loseTail('a', 1)
  await state.close(PART, 0)
  const again = await state.open(PART, 0, NEVER)
  expect([read, again?.found?.marker?.epoch, await valuesOf(again)]).toEqual([[4], 1, [4, 2, 3]])
})
