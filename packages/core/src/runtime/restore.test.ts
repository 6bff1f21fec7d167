import { expect, test } from 'vitest'
import { writeChangelogBase } from '../record/format/changelog-base.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import { CHANGELOG_BASE_KEY } from '../record/format/state-key.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { StateEntry } from '../state/state-backend.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { SYSTEM_CLOCK } from '../util/clock.ts'
import { changelogRecords, markerEntry } from './changelog.ts'
import { ChangelogReader } from './changelog-reader.ts'
import { SILENT } from './logger.ts'
import { positionEntry, type RestoreWorld, restore } from './restore.ts'
import { RestoreProgress } from './restore-progress.ts'

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
  const clock = { now: () => now, sleep: SYSTEM_CLOCK.sleep }
  const stop = new AbortController()
  const world: Omit<RestoreWorld, 'progress'> = {
    admin: transport.admin,
    reader: new ChangelogReader(transport, clock, promise => promise),
    now: () => now,
    ageMsMax: 100,
    topicId: 'id',
    signal: stop.signal,
  }
  const restored = async () => {
    const progress = new RestoreProgress(LOG, clock, SILENT)
    const { marker, isCut } = await restore(LOG, space, { ...world, progress })
    const { recordsRead, isLocalReused } = progress.status()
    return { marker, isCut, recordsRead, isLocalReused }
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
  return { broker, space, world, producer, write, state, move, restored, stop }
}

test('an empty changelog restores nothing, also what local state there was', async () => {
  const { space, restored, state } = await setUp()
  await space.write([entry(1, 9)])
  expect(await restored()).toMatchObject({
    marker: null,
    isCut: false,
    recordsRead: 0,
    isLocalReused: false,
  })
  expect(await state()).toEqual([])
})

test('committed epochs are applied in their order, with the last marker; aborted ones are not', async () => {
  const { producer, write, state, restored } = await setUp()
  await write(0, entry(1, 1), entry(2, 2))
  await producer.commit([], null)
  await write(1, entry(1, 7))
  await producer.abort()
  await write(1, entry(2, null), entry(3, 3))
  await producer.commit([], null)
  expect(await restored()).toMatchObject({
    marker: { epoch: 1 },
    recordsRead: 6,
    isLocalReused: false,
  })
  expect(await state()).toEqual(['1=1', '3=3'])
})

test('waits for a transaction that is undecided when it begins', async () => {
  for (const isCommitted of [true, false]) {
    const { producer, write, state, restored } = await setUp()
    await write(0, entry(1, 1))
    await producer.commit([], null)
    await write(1, entry(1, 2))
    const restoring = restored()
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
    await (isCommitted ? producer.commit([], null) : producer.abort())
    expect((await restoring).marker?.epoch).toBe(isCommitted ? 1 : 0)
    expect(await state()).toEqual([isCommitted ? '1=2' : '1=1'])
  }
})

test('goes on from where local state is, when it can be trusted', async () => {
  const { producer, write, state, restored } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  await restored()
  await write(1, entry(2, 2))
  await producer.commit([], null)
  expect(await restored()).toMatchObject({
    marker: { epoch: 1 },
    recordsRead: 2,
    isLocalReused: true,
  })
  expect(await state()).toEqual(['1=1', '2=2'])
})

test.each([
  ['too old', 101, 'id', 0],
  ['of another topic', 0, 'other', 0],
  ['ahead of the changelog', 0, 'id', 1_000],
])('local state that is %s is made again', async (_, ageMs, topicId, ahead) => {
  const { space, producer, write, state, move, restored } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  await space.write([entry(9, 9), positionEntry({ offset: 2 + ahead, at: 1_000 }, topicId)])
  move(ageMs)
  expect(await restored()).toMatchObject({
    marker: { epoch: 0 },
    recordsRead: 2,
    isLocalReused: false,
  })
  expect(await state()).toEqual(['1=1'])
})

test('ends where only a gap follows', async () => {
  const { broker, producer, write, restored } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  broker.skipOffsets(LOG.topic, LOG.partition, 5)
  expect((await restored()).recordsRead).toBe(2)
})

test('is old from when it began, however long it slept over it', async () => {
  const { space, producer, write, move, restored } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  const restoring = restored()
  move(101)
  await restoring
  await space.write([entry(9, 9)])
  expect(await restored()).toMatchObject({ isLocalReused: false })
})

test('ends at once when its task goes', async () => {
  const { producer, write, restored, stop } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  stop.abort()
  expect(await restored()).toMatchObject({ marker: null, recordsRead: 0 })
})

test('what was cut gives no state that a later start takes for whole, unless it says so', async () => {
  const { broker, space, producer, write, state, restored } = await setUp()
  await write(0, entry(1, 1))
  await producer.commit([], null)
  await write(1, entry(2, 2))
  await producer.commit([], null)
  const { end } = broker.log(LOG.topic, LOG.partition)
  broker.trim(LOG.topic, LOG.partition, 2)
  for (let n = 0; n < 2; n++) {
    expect(await restored()).toMatchObject({ marker: { epoch: 1 }, isCut: true })
  }
  const out = new ByteWriter()
  writeChangelogBase(end, out)
  const base = { key: CHANGELOG_BASE_KEY, value: out.take() }
  await write(2, { key: Uint8Array.of(1, 2), value: null }, entry(3, 3), base)
  await producer.commit([], null)
  expect(await restored()).toMatchObject({ isCut: false, isLocalReused: false })
  expect(await state()).toEqual(['3=3'])
  expect(await restored()).toMatchObject({ isCut: false, isLocalReused: true })
  broker.trim(LOG.topic, LOG.partition, end + 1)
  await space.clear()
  expect(await restored()).toMatchObject({ isCut: true })
})
