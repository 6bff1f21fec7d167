/**
 * A value larger than the broker takes: it will never be written, so the run ends at once, says
 * where and what to raise, and nothing of the epoch is committed.
 */
import {
  Application,
  count,
  json,
  MillraceError,
  schema,
  string,
  t,
  tumbling,
} from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import {
  closeAll,
  errorOf,
  fetcherOf,
  newName,
  newTopic,
  open,
  outgoing,
} from './transport-session.ts'

afterEach(closeAll)

const Row = schema({ k: t.string(), at: t.timestamp() })
const BROKER = { 'bootstrap.servers': inject('kafka') }
/** More than the million bytes that brokers take when nothing is set. */
const LARGE = 1_200_000
const INPUT = { 'max.message.bytes': '8000000' }

/** Two windows, the first of which closes; keys of `keyBytes`. */
async function failing(
  keyBytes: number,
  outputConfig: Record<string, string>,
  guarantee: 'exactly-once' | 'at-least-once',
) {
  const transport = await open(kafka({ ...BROKER, 'message.max.bytes': 8_000_000 }))
  const input = await newTopic(transport, 1, INPUT)
  const output = await newTopic(transport, 1, outputConfig)
  const producer = await transport.createProducer()
  const key = 'k'.repeat(keyBytes)
  for (const at of [1_000, 25_000]) {
    const value = JSON.stringify({ k: key, at })
    await producer.write(outgoing(input, 0, [{ key, value, timestamp: at }]))
  }
  await producer.flush()
  const id = newName('large')
  const broker = kafka({ ...BROKER, 'message.max.bytes': 8_000_000 })
  const app = new Application({ id, broker, guarantee })
  const topic = app.topic(input, {
    key: string(),
    keyColumn: 'k',
    value: json(Row),
    timestamp: 'at',
  })
  app
    .dataframe(topic)
    .groupBy('k')
    .window(tumbling('10s'))
    .agg(() => ({ n: count() }))
    .final()
    .toTopic(app.topic(output))
  const startedAt = Date.now()
  const error = await errorOf(() => app.run({ until: 'end' }))
  expect(Date.now() - startedAt).toBeLessThan(30_000)
  return { transport, input, output, id, error }
}

test.each([
  { what: 'an output, in a transaction', bytes: 5_000, guarantee: 'exactly-once' as const },
  { what: 'an output, at once', bytes: 5_000, guarantee: 'at-least-once' as const },
  { what: 'state', bytes: LARGE, guarantee: 'exactly-once' as const },
  { what: 'state', bytes: LARGE, guarantee: 'at-least-once' as const },
])('$what, $guarantee', async ({ bytes, guarantee }) => {
  const isState = bytes === LARGE
  const limit = isState ? INPUT : { 'max.message.bytes': '2000' }
  const { transport, input, output, id, error } = await failing(bytes, limit, guarantee)
  expect(MillraceError.is(error) && error.code).toBe('DELIVERY_FAILED')
  expect(error).toMatchObject({ retriable: false })
  expect(error.message).toContain('"max.message.bytes" of the topic')
  expect(error.message).toContain(isState ? `topic ${id}.` : `topic ${output}/0`)
  if (isState) expect(error.message).toContain('.changelog/0')
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic: output, partition: 0 }, 0)
  await expect
    .poll(() => fetcher.poll(100).then(() => fetcher.progress({ topic: output, partition: 0 })))
    .not.toBe(null)
  if (guarantee === 'exactly-once') expect(await fetcher.poll(500)).toBe(null)
  const quiet = { onAssigned() {}, onRevoked: async () => {}, onLost() {}, onError() {} }
  const member = await transport.joinGroup({ groupId: id, topics: [input], ...quiet })
  const committed = await member.committed([{ topic: input, partition: 0 }])
  expect(committed.map(({ offset }) => offset).filter(offset => offset > 0)).toEqual([])
})
