/**
 * Questions about topics and offsets: what a run asks before its first record.
 *
 * Asked of every transport; what a broker can't do (more partitions where their number is fixed) is
 * passed over.
 */
import { numbered, type TransportExam } from './exam.ts'

export function testAdmin(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('describes topics, and never creates one by asking', async session => {
    const transport = await session.open()
    const { name, partitionCount } = await session.topic(transport, 3)
    const missing = exam.newName('missing')
    for (let time = 0; time < 2; time++) {
      const described = await transport.admin.describeTopics([name, missing])
      expect([...described.keys()].sort()).toEqual([name, missing].sort())
      expect(described.get(name)?.partitionCount).toBe(partitionCount)
      expect(described.get(missing)).toBe(null)
    }
  })

  exam.ask('leaves a topic as it is when it is created again', async session => {
    const transport = await session.open()
    const { name, partitionCount } = await session.topic(transport, 2)
    await session.write(transport, name, 0, numbered(1))
    const spec = { name, replicationFactor: -1, config: {} }
    await transport.admin.createTopic({ ...spec, partitionCount })
    const again = (): Promise<void> =>
      transport.admin.createTopic({ ...spec, partitionCount: partitionCount + 1 })
    expect(await session.codeOf('another partition count is refused', again)).toBe(
      'TOPIC_MISCONFIGURED',
    )
    const described = await transport.admin.describeTopics([name])
    expect(described.get(name)?.partitionCount).toBe(partitionCount)
    expect(await transport.admin.offsets({ topic: name, partition: 0 })).toEqual({
      earliest: 0,
      latest: 1,
    })
  })

  exam.ask('gives a topic more partitions, once', async session => {
    const transport = await session.open()
    if (transport.abilities.partitionCountFixed !== null) return
    const { name, partitionCount } = await session.topic(transport, 2)
    await session.write(transport, name, 0, numbered(1))
    for (let time = 0; time < 2; time++) {
      await transport.admin.addPartitions(name, partitionCount + 1)
      const described = await transport.admin.describeTopics([name])
      expect(described.get(name)?.partitionCount).toBe(partitionCount + 1)
    }
    const offsets = (partition: number) => transport.admin.offsets({ topic: name, partition })
    expect(await offsets(0)).toEqual({ earliest: 0, latest: 1 })
    expect(await offsets(partitionCount)).toEqual({ earliest: 0, latest: 0 })
  })

  exam.ask('tells the first offset and the one after the last', async session => {
    const transport = await session.open()
    const { name } = await session.topic(transport)
    const partition = { topic: name, partition: 0 }
    expect(await transport.admin.offsets(partition)).toEqual({ earliest: 0, latest: 0 })
    await session.write(transport, name, 0, numbered(3))
    expect(await transport.admin.offsets(partition)).toEqual({ earliest: 0, latest: 3 })
  })

  exam.ask('says TOPIC_MISSING when asked for offsets of no topic', async session => {
    const transport = await session.open()
    const partition = { topic: exam.newName('missing'), partition: 0 }
    const ask = (): Promise<unknown> => transport.admin.offsets(partition)
    expect(await session.codeOf('offsets of a missing topic fail', ask)).toBe('TOPIC_MISSING')
  })

  exam.ask('closes twice as well as once', async session => {
    const transport = await session.open()
    const fetcher = await session.fetcher(transport)
    const producer = await transport.createProducer()
    await fetcher.close()
    await fetcher.close()
    await producer.close()
    await producer.close()
    await transport.close()
    await transport.close()
  })
}
