import { expect, test } from 'vitest'
import { brokerError } from './broker-errors.ts'
import { KafkaAdmin } from './kafka-admin.ts'
import type { ListedOffset, NativeAdmin } from './native-client.ts'
import type { CatalogTopic, TopicCatalog } from './topic-catalog.ts'

type Answer = readonly ListedOffset[] | { readonly code: number }

function admin(topics: Record<string, number>, answers: Answer[] = []) {
  const asked: unknown[] = []
  const native = {
    listOffsets(list: unknown, options: unknown, done: (e: unknown, l?: unknown) => void) {
      asked.push([list, options])
      const answer = answers.shift() ?? { code: -1 }
      if ('code' in answer) done(Object.assign(new Error('no'), answer))
      else done(null, answer)
    },
  }
  const grown = {
    createPartitions(topic: string, count: number, _: number, done: (e: unknown) => void) {
      asked.push([topic, count])
      if (!(topic in topics)) return done(Object.assign(new Error('no'), { code: 3 }))
      topics[topic] = count
      done(null)
    },
  }
  Object.assign(native, grown)
  const entry = (partitionCount: number): CatalogTopic => ({
    topicId: 'x',
    partitionCount,
    replicationFactor: 1,
    isReady: true,
  })
  const catalog: TopicCatalog = {
    describe: async names =>
      new Map(names.map(name => [name, name in topics ? entry(topics[name] as number) : null])),
    create: async ({ name, partitionCount }) => {
      const isNew = !(name in topics)
      topics[name] ??= partitionCount
      return isNew
    },
  }
  return { asked, admin: new KafkaAdmin(native as unknown as NativeAdmin, catalog, brokerError) }
}

test('describes what there is', async () => {
  const { admin: kafka } = admin({ shop: 3 })
  expect(await kafka.describeTopics(['shop', 'nope'])).toEqual(
    new Map([
      ['shop', { name: 'shop', partitionCount: 3, replicationFactor: 1, id: expect.any(String) }],
      ['nope', null],
    ]),
  )
})

test('leaves a topic as it is, and refuses another partition count', async () => {
  const { admin: kafka } = admin({ shop: 3 })
  const spec = { name: 'shop', replicationFactor: 1, config: {} }
  await kafka.createTopic({ ...spec, partitionCount: 3 })
  await expect(kafka.createTopic({ ...spec, partitionCount: 4 })).rejects.toThrow(
    'TOPIC_MISCONFIGURED: topic "shop" exists with 3 partitions, and 4 were asked for',
  )
})

test('gives a topic more partitions, where it has fewer', async () => {
  const { asked, admin: kafka } = admin({ shop: 3 })
  await kafka.addPartitions('shop', 3)
  expect(asked).toEqual([])
  await kafka.addPartitions('shop', 5)
  expect(asked).toEqual([['shop', 5]])
  expect((await kafka.topic('shop'))?.partitionCount).toBe(5)
  await expect(kafka.addPartitions('nope', 2)).rejects.toThrow(
    'topic "nope" was not given 2 partitions',
  )
})

test('asks again while the leader is another than the client knows', async () => {
  const p = { topic: 'shop', partition: 0 }
  const error = { code: 74, message: 'Broker: Leader epoch is older than broker epoch' }
  const old = { ...p, offset: -1, error: error as never }
  const { asked, admin: kafka } = admin({ shop: 1 }, [[old], { code: 6 }, [{ ...p, offset: 7 }]])
  expect(await kafka.list([p], 'latest')).toEqual([7])
  expect(asked).toHaveLength(3)
})

test('asks again while a topic that is there is not known everywhere', async () => {
  const p = { topic: 'shop', partition: 0 }
  const { asked, admin: kafka } = admin({ shop: 1 }, [{ code: -156 }, [{ ...p, offset: 7 }]])
  expect(await kafka.list([p], 'stable')).toEqual([7])
  const question = [[{ ...p, offset: { timestamp: -1 } }], { timeout: 5_000, isolationLevel: 1 }]
  expect(asked).toEqual([question, question])
})

test('says which partition is not there', async () => {
  const ask = (partition: number) =>
    admin({ shop: 1 }, [{ code: -156 }]).admin.list(
      [
        { topic: 'shop', partition: 0 },
        { topic: 'shop', partition },
      ],
      'latest',
    )
  await expect(ask(4)).rejects.toThrow(
    'TOPIC_MISSING: partition 4 of topic "shop" is not there: it has 1',
  )
  const { admin: kafka } = admin({}, [{ code: 3 }, { code: 3 }])
  await expect(kafka.offsets({ topic: 'nope', partition: 0 })).rejects.toThrow('no such topic')
})
