import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { ClientMaker } from './client-maker.ts'
import { ConnectionLog } from './connection-log.ts'
import type { NativeConf, NativeModule } from './native-client.ts'
import { CheckedSettings, type KafkaSettings } from './settings.ts'

const made: { conf: NativeConf; topicConf: NativeConf }[] = []

class FakeClient extends EventEmitter {
  constructor(conf: NativeConf, topicConf: NativeConf) {
    super()
    if (conf['linger.ms'] === -1) throw new Error('Invalid value "-1", with s3cret')
    made.push({ conf, topicConf })
  }
  connect(_: unknown, done: (error: null, metadata: object) => void): void {
    done(null, { brokers: [], topics: [] })
  }
}

function maker(settings: Record<string, string | number> = {}): ClientMaker {
  const checked = new CheckedSettings({
    'bootstrap.servers': 'a:1',
    'sasl.password': 's3cret',
    ...settings,
  } as KafkaSettings)
  const log = { info: () => {}, warn: () => {} }
  const module = { KafkaConsumer: FakeClient, Producer: FakeClient } as unknown as NativeModule
  return new ClientMaker(module, checked, new ConnectionLog('a:1', text => text, log))
}

const callbacks = { rebalance_cb() {}, offset_commit_cb() {}, queue_non_empty_cb() {} }

test('the member never commits by itself and is assigned stickily', async () => {
  await maker().group('g', callbacks)
  expect(made.at(-1)?.conf).toMatchObject({
    'group.id': 'g',
    'enable.auto.commit': false,
    'partition.assignment.strategy': 'cooperative-sticky',
    'heartbeat.interval.ms': 1_000,
  })
})

test('the newer protocol leaves sessions and assignment to the broker', async () => {
  await maker({ 'group.protocol': 'consumer' }).group('g', callbacks)
  const names = Object.keys(made.at(-1)?.conf ?? {})
  expect(names).toContain('group.protocol')
  expect(names).not.toContain('heartbeat.interval.ms')
  expect(names).not.toContain('partition.assignment.strategy')
})

test('the reader resets nothing, and its queue has half of the bytes', async () => {
  await maker({ 'fetch.wait.max.ms': 7 }).reads('g', 1 << 20, () => {})
  expect(made.at(-1)).toMatchObject({
    conf: {
      'isolation.level': 'read_committed',
      'queued.max.messages.kbytes': 512,
      'max.partition.fetch.bytes': 512 * 1024,
      'fetch.wait.max.ms': 7,
    },
    topicConf: { 'auto.offset.reset': 'error' },
  })
})

test("the producer is idempotent and partitions as Java's does; topic settings go apart", async () => {
  const clients = maker({ 'delivery.timeout.ms': 9_000, 'linger.ms': 2 })
  await clients.writes()
  expect(made.at(-1)?.conf).toMatchObject({
    'enable.idempotence': true,
    'enable.gapless.guarantee': true,
    'linger.ms': 2,
  })
  expect(made.at(-1)?.topicConf).toEqual({
    partitioner: 'murmur2_random',
    'delivery.timeout.ms': 9_000,
  })
  expect(clients.flushMs).toBe(14_000)
})

test.each([
  [{}, 44_000],
  [{ 'session.timeout.ms': 6_000 }, 5_000],
  [{ 'session.timeout.ms': 6_000, 'heartbeat.interval.ms': 2_000 }, 4_000],
  [{ 'session.timeout.ms': 600_000 }, 60_000],
  [{ 'session.timeout.ms': 1_000 }, 1_000],
])('what a frozen process holds is too old before its session ends: %j', async (set, ms) => {
  const clients = maker(set as Record<string, number>)
  await clients.writes()
  expect(made.at(-1)?.topicConf).toMatchObject({ 'delivery.timeout.ms': ms })
  expect(clients.flushMs).toBe(ms + 5_000)
})

test('a value out of range is INVALID_ARGUMENT, without secrets', async () => {
  const failing = maker({ 'linger.ms': -1 }).writes()
  await expect(failing).rejects.toThrow('INVALID_ARGUMENT: the Kafka client refuses the settings')
  await expect(failing).rejects.not.toThrow('s3cret')
})
