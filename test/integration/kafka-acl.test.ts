/**
 * A user who lacks a right: the run ends at once with an error that names the right, nothing of the
 * epoch is committed, and with the right given the same application goes on and has every result.
 */
import { Application, count, json, schema, t, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { AclRule } from './create-acls.ts'
import { type SecuredKafka, startSecuredKafka } from './secured-kafka.ts'
import { closeAll, errorOf, logged, newName, open, write } from './transport-session.ts'

let broker: SecuredKafka

/** Beginnings of the names that `app` may not write, read or make. */
const NOT_WRITTEN = 'no-write'
const NOT_READ = 'no-read'
const NOT_MADE = 'no-create'

beforeAll(async () => {
  broker = await startSecuredKafka()
  const deny = (operation: AclRule['operation'], resource: AclRule['resource'], name: string) =>
    ({ permission: 'deny', operation, resource, name }) as const
  const allow = { permission: 'allow', operation: 'All', name: '*' } as const
  await broker.rule(
    { ...allow, resource: 'topic' },
    { ...allow, resource: 'group' },
    { ...allow, resource: 'transactionalId' },
    deny('Write', 'topic', NOT_WRITTEN),
    deny('Write', 'transactionalId', NOT_WRITTEN),
    deny('Read', 'topic', NOT_READ),
    deny('Read', 'group', NOT_READ),
    deny('Create', 'topic', NOT_MADE),
  )
}, 60_000)
afterEach(closeAll)
afterAll(() => broker.stop())

const Row = schema({ k: t.string(), at: t.timestamp() })
const RECORDS = [1_000, 2_000, 12_000, 13_000, 25_000].map(at => JSON.stringify({ k: 'a', at }))

interface Names {
  readonly id: string
  readonly input: string
  readonly output: string
}

/** Counts per window until the input ends; as `app`, or as somebody who may do everything. */
function run(names: Names, guarantee: 'exactly-once' | 'at-least-once', isApp: boolean) {
  const settings = isApp ? broker.app : { 'bootstrap.servers': broker.open }
  const app = new Application({ id: names.id, broker: kafka(settings), guarantee })
  app
    .dataframe(app.topic(names.input, { value: json(Row), timestamp: 'at' }))
    .groupBy('k')
    .window(tumbling('10s'))
    .agg(() => ({ n: count() }))
    .final()
    .toTopic(app.topic(names.output))
  return app.run({ until: 'end' })
}

/** Makes the input, with its records, and the output. */
async function newNames(begin: Partial<Names>): Promise<Names> {
  const { id = 'id', input = 'input', output = 'output' } = begin
  const names = { id: newName(id), input: newName(input), output: newName(output) }
  const transport = await open(kafka({ 'bootstrap.servers': broker.open }))
  for (const name of [names.input, names.output]) {
    await transport.admin.createTopic({ name, partitionCount: 1, replicationFactor: 1, config: {} })
  }
  await write(transport, names.input, 0, RECORDS)
  return names
}

async function results({ output }: Names): Promise<unknown[]> {
  const app = new Application({
    id: newName('check'),
    broker: kafka({ 'bootstrap.servers': broker.open }),
  })
  const rows = await app
    .dataframe(app.topic(output, { value: json<{ window_start: number; n: number }>() }))
    .collect()
  return rows.map(({ window_start, n }) => `${window_start} ${n}`)
}

test.each([
  {
    what: 'the transactional id',
    guarantee: 'exactly-once' as const,
    begin: { id: NOT_WRITTEN },
    said: /^BROKER_REFUSED: .*"Write" and "Describe" on the transactional id/,
  },
  {
    what: 'the group',
    guarantee: 'exactly-once' as const,
    begin: { id: NOT_READ },
    said: /^BROKER_REFUSED: .*"Read" on the group/,
  },
  {
    what: 'writing the output, in a transaction',
    guarantee: 'exactly-once' as const,
    begin: { output: NOT_WRITTEN },
    said: /^DELIVERY_FAILED: .*"Write" on the topic/,
  },
  {
    what: 'writing the output, at once',
    guarantee: 'at-least-once' as const,
    begin: { output: NOT_WRITTEN },
    said: /^DELIVERY_FAILED: .*"Write" on the topic/,
  },
  {
    what: 'reading the input',
    guarantee: 'exactly-once' as const,
    begin: { input: NOT_READ },
    said: /^BROKER_REFUSED: .*"Read" on the topic/,
  },
  {
    what: 'making internal topics',
    guarantee: 'exactly-once' as const,
    begin: { id: NOT_MADE },
    said: /^BROKER_REFUSED: .*"Create" on the topic/,
  },
])('$what, $guarantee', async ({ guarantee, begin, said }) => {
  const names = await newNames(begin)
  const startedAt = Date.now()
  const error = await errorOf(() => run(names, guarantee, true))
  expect(error.message).toMatch(said)
  expect(Date.now() - startedAt).toBeLessThan(20_000)
  expect(JSON.stringify([error, String(error.cause), logged])).not.toContain('app-secret')
  expect(await results(names)).toEqual([])
  await run(names, guarantee, false)
  expect(await results(names)).toEqual(['0 2', '10000 2'])
})
