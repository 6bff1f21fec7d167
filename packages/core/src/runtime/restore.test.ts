import { expect, test } from 'vitest'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { StateEntry } from '../state/state-backend.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import { changelogRecords, markerEntry } from './changelog.ts'
import { positionEntry, type RestoreWorld, restore } from './restore.ts'

const LOG = { topic: 'log', partition: 0 }
const CONTEXT = { applicationId: 'app', log: { info() {}, warn() {} } }

const markerOf = (epoch: number): EpochMarker => ({
  epoch,
  inputs: [],
  decisions: [],
  receipts: [],
  fingerprints: [],
})
const entry = (key: number, value: number | null): StateEntry => ({
  key: Uint8Array.of(1, key),
  value: value === null ? null : Uint8Array.of(value),
})

async function setUp() {
  const broker = new InMemoryBroker()
  broker.createTopic(LOG.topic)
  const transport = inMemory(broker).create(CONTEXT)
  const space = await memoryBackend().open('task')
  let now = 1_000
  const world: RestoreWorld = {
    transport,
    now: () => now,
    ageMsMax: 100,
    topicId: 'id',
    waiting: promise => promise,
  }
  const producer = await transport.createTransactionalProducer?.({
    transactionalId: 'owner',
    timeoutMs: 1e6,
  })
  if (producer === undefined) throw new Error('no transactions')
  const write = async (epoch: number, ...entries: StateEntry[]): Promise<void> => {
    await producer.write(changelogRecords(LOG, [...entries, markerEntry(markerOf(epoch))], 0))
  }
  /** `key=value` of all entries. */
  const state = async (): Promise<string[]> => {
    const found: string[] = []
    for (const { key, value } of await space.scan(Uint8Array.of(1), null, 1_000)) {
      found.push(`${key[1]}=${value?.[0]}`)
    }
    return found
  }
  const move = (ms: number): void => {
    now += ms
  }
  return { broker, space, world, producer, write, state, move }
}

test('an empty changelog restores nothing, also what local state there was', async () => {
  const { space, world, state } = await setUp()
  await space.write([entry(1, 9)])
  const restored = await restore(LOG, space, world)
  expect(restored).toEqual({ marker: null, recordsRead: 0, isLocalReused: false })
  expect(await state()).toEqual([])
})

test('committed epochs are applied in their order, with the last marker; aborted ones are not', async () => {
  const { space, world, producer, write, state } = await setUp()
  await write(0, entry(1, 1), entry(2, 2))
  await producer.commit([], null)
  await write(1, entry(1, 7))
  await producer.abort()
  await write(1, entry(2, null), entry(3, 3))
  await producer.commit([], null)
  const restored = await restore(LOG, space, world)
  expect(restored).toMatchObject({ marker: { epoch: 1 }, recordsRead: 6, isLocalReused: false })
  expect(await state()).toEqual(['1=1', '3=3'])
})

test('waits for a transaction that is undecided when it begins', async () => {
  for (const isCommitted of [true, false]) {
    const { space, world, producer, write, state } = await setUp()
    await write(0, entry(1, 1))
    await producer.commit([], null)
    await write(1, entry(1, 2))
    const restoring = restore(LOG, space, world)
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
    await (isCommitted ? producer.commit([], null) : producer.abort())
    expect((await restoring).marker?.epoch).toBe(isCommitted ? 1 : 0)
    expect(await state()).toEqual([isCommitted ? '1=2' : '1=1'])
  }
})

test('goes on from where local state is, when it can be trusted', async () => {
  const { space, world, producer, write, state } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  await restore(LOG, space, world)
  await write(1, entry(2, 2))
  await producer.commit([], null)
  const restored = await restore(LOG, space, world)
  expect(restored).toMatchObject({ marker: { epoch: 1 }, recordsRead: 2, isLocalReused: true })
  expect(await state()).toEqual(['1=1', '2=2'])
})

test.each([
  ['too old', 101, 'id', 0],
  ['of another topic', 0, 'other', 0],
  ['ahead of the changelog', 0, 'id', 1_000],
])('local state that is %s is made again', async (_, ageMs, topicId, ahead) => {
  const { space, world, producer, write, state, move } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  await space.write([entry(9, 9), positionEntry(2 + ahead, { ...world, topicId })])
  move(ageMs)
  const restored = await restore(LOG, space, world)
  expect(restored).toMatchObject({ marker: { epoch: 0 }, recordsRead: 2, isLocalReused: false })
  expect(await state()).toEqual(['1=1'])
})

test('ends where only a gap follows', async () => {
  const { broker, space, world, producer, write } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  broker.skipOffsets(LOG.topic, LOG.partition, 5)
  expect((await restore(LOG, space, world)).recordsRead).toBe(2)
})
