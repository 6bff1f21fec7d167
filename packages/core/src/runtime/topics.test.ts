import { describe, expect, test } from 'vitest'
import type {
  Pipeline,
  PipelineInput,
  RepartitionInput,
  SubTopology,
  TopicNeed,
} from '../operator/pipeline.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import type { Admin, TopicSpec, Transport } from '../transport/transport.ts'
import { internalNames } from './internal-topic.ts'
import { prepareTopics } from './topics.ts'
import type { VerdictChoices } from './verdict-choices.ts'

const Row = schema({ n: t.int32() })
const topicInput = (topic: string): PipelineInput =>
  ({ kind: 'topic', topic }) as Partial<PipelineInput> as PipelineInput
const internalInput = (identity: string, upstream: number): RepartitionInput => ({
  kind: 'repartition',
  identity,
  upstream,
  schema: Row,
})
const part = (id: number, parts: Partial<SubTopology>): SubTopology => ({
  id,
  input: topicInput('in'),
  stores: [],
  isFinite: false,
  repartitions: [],
  createGraph: () => {
    throw new Error('no graph is made to prepare topics')
  },
  ...parts,
})
const pipeline = (subTopologies: SubTopology[], topics: TopicNeed[]): Pipeline => ({
  subTopologies,
  topics,
  fingerprint: 'f',
})
const must = (name: string): TopicNeed => ({ name, create: null })
const make = (name: string, partitions: number): TopicNeed => ({
  name,
  create: { partitions, replicationFactor: -1, config: { 'retention.ms': '5' } },
})
const store = { identity: 'totals', fingerprint: 'x' }

function setUp(parts: { readonly fixed?: number; readonly replicationFactor?: number } = {}) {
  const { fixed = null, replicationFactor = 1 } = parts
  const broker = new InMemoryBroker({ clock: new ManualClock() })
  const inner = inMemory(broker).create({ applicationId: 'app', log: { info() {}, warn() {} } })
  const created: TopicSpec[] = []
  const admin: Admin = {
    ...inner.admin,
    describeTopics: async names => {
      const found = await inner.admin.describeTopics(names)
      return new Map(
        [...found].map(([name, topic]) => [name, topic && { ...topic, replicationFactor }]),
      )
    },
    createTopic: async spec => {
      created.push(spec)
      await inner.admin.createTopic(spec)
    },
  }
  const abilities = { ...inner.abilities, partitionCountFixed: fixed }
  const transport = { name: 'test', abilities, admin } as Partial<Transport> as Transport
  const prepare = (of: Pipeline, hasChangelogs = true, choices: VerdictChoices = {}) =>
    prepareTopics(of, transport, internalNames('app', hasChangelogs), choices)
  return { broker, created, prepare }
}

describe('topics of the user', () => {
  test('are taken as they are, and created where that was asked for', async () => {
    const { broker, created, prepare } = setUp()
    broker.createTopic('in', 3)
    const topics = [must('in'), make('out', 2)]
    const { partitionCounts, taskCounts } = await prepare(pipeline([part(0, {})], topics))
    expect(Object.fromEntries(partitionCounts)).toEqual({ in: 3, out: 2 })
    expect(taskCounts).toEqual([3])
    expect(created).toEqual([
      { name: 'out', partitionCount: 2, replicationFactor: -1, config: { 'retention.ms': '5' } },
    ])
    await prepare(pipeline([part(0, {})], topics))
    expect(created).toHaveLength(1)
  })

  test('that are missing, or have another count than planned, stop the run', async () => {
    const { broker, created, prepare } = setUp()
    await expect(prepare(pipeline([part(0, {})], [must('in')]))).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      place: { topic: 'in' },
    })
    broker.createTopic('in', 3)
    const planned = prepare(pipeline([part(0, {})], [make('in', 4)]))
    await expect(planned).rejects.toThrow(/TOPIC_MISCONFIGURED: .*has 3 partitions, and 4 were/)
    expect(created).toEqual([])
  })
})

describe('internal topics', () => {
  const regrouped = (topics: TopicNeed[]) =>
    pipeline(
      [
        part(0, { repartitions: ['by-n'] }),
        part(1, { input: internalInput('by-n', 0), stores: [store] }),
      ],
      topics,
    )

  test('have the partitions of the input, its replication, and nothing in them expires', async () => {
    const { broker, created, prepare } = setUp({ replicationFactor: 3 })
    broker.createTopic('in', 3)
    const { taskCounts, topicIds } = await prepare(regrouped([must('in')]))
    expect(taskCounts).toEqual([3, 3])
    expect(created).toMatchObject([
      {
        name: 'app.by-n.repartition',
        partitionCount: 3,
        replicationFactor: 3,
        config: {
          'cleanup.policy': 'delete',
          'retention.ms': '-1',
          'message.timestamp.type': 'CreateTime',
        },
      },
      {
        name: 'app.by-n.changelog',
        partitionCount: 3,
        replicationFactor: 3,
        config: { 'cleanup.policy': 'compact' },
      },
    ])
    expect([...topicIds.keys()]).toContain('app.by-n.changelog')
  })

  test('keep no changelog where state has none', async () => {
    const { broker, created, prepare } = setUp()
    broker.createTopic('in', 3)
    await prepare(regrouped([must('in')]), false)
    expect(created.map(({ name }) => name)).toEqual(['app.by-n.repartition'])
  })

  test('behind a regrouping keep their count when the input has another one now', async () => {
    const { broker, prepare } = setUp()
    broker.createTopic('in', 3)
    await prepare(regrouped([must('in')]))
    broker.addPartitions('in', 1)
    expect((await prepare(regrouped([must('in')]))).taskCounts).toEqual([4, 3])
  })

  test('of windows on the input stop the run then, or grow where that was chosen', async () => {
    const { broker, prepare } = setUp()
    broker.createTopic('in', 3)
    const keyed = pipeline([part(0, { stores: [store] })], [must('in')])
    await prepare(keyed)
    broker.addPartitions('in', 1)
    const changed = prepare(keyed)
    await expect(changed).rejects.toMatchObject({ code: 'PARTITIONS_CHANGED' })
    await expect(changed).rejects.toThrow(
      /topic "in" had 3 partitions at the last commit and has 4 now/,
    )
    expect(broker.partitionCount('app.in.changelog')).toBe(3)
    await prepare(keyed, true, { PARTITIONS_CHANGED: 'clear' })
    expect(broker.partitionCount('app.in.changelog')).toBe(4)
    await prepare(keyed)
  })

  test('of windows on the input can not shrink', async () => {
    const { broker, prepare } = setUp()
    broker.createTopic('in', 3)
    const keyed = pipeline([part(0, { stores: [store] })], [must('in')])
    await prepare(keyed)
    broker.deleteTopic('in')
    broker.createTopic('in', 2)
    const changed = prepare(keyed, true, { PARTITIONS_CHANGED: 'clear' })
    await expect(changed).rejects.toMatchObject({ code: 'PARTITIONS_CHANGED' })
  })

  test('have what the broker fixes, and a task for each partition', async () => {
    const { broker, prepare } = setUp({ fixed: 4 })
    broker.createTopic('in', 4)
    const source = { name: 'array', partitionCount: 1 }
    const local = { kind: 'local', source } as Partial<PipelineInput> as PipelineInput
    const { taskCounts } = await prepare(
      pipeline(
        [
          part(0, { input: local, repartitions: ['by-n'] }),
          part(1, { input: internalInput('by-n', 0) }),
        ],
        [],
      ),
    )
    expect(taskCounts).toEqual([1, 4])
    expect(broker.partitionCount('app.by-n.repartition')).toBe(4)
  })
})
