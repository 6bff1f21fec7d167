import { describe, expect, test } from 'vitest'
import { InMemoryBroker } from '../../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../../transport/in-memory/in-memory-transport.ts'
import type { GroupMember, Transport } from '../../transport/transport.ts'
import { examFailures, withFetcher, withProducer } from './transport/faulty-transport.ts'
import { testTransport } from './transport.ts'

const broker = new InMemoryBroker()
testTransport({ describe, test, expect }, () => inMemory(broker), {
  timeoutMs: 5_000,
  silenceMs: 30,
})

const failedQuestions = (fault: (transport: Transport) => Partial<Transport>) =>
  examFailures(expect, fault)

describe('the exam finds', () => {
  test('a fetcher that goes on after pause', async () => {
    const failed = await failedQuestions(withFetcher(() => ({ pause: () => {} })))
    expect(failed).toEqual([
      'gives nothing of a paused partition, and all of it afterwards',
      'honours a pause during a poll',
      'goes on with the other partitions while one is paused',
    ])
  })

  test('a fetcher that removes a moment late', async () => {
    const fault = withFetcher(fetcher => ({
      remove: partition => {
        setImmediate(() => fetcher.remove(partition))
      },
    }))
    const failed = await failedQuestions(fault)
    expect(failed).toContain('gives nothing of a removed partition, also during a poll')
  })

  test('a fetcher that ignores batchRecordsMax', async () => {
    const failed = await failedQuestions(transport => ({
      createFetcher: options => transport.createFetcher({ ...options, batchRecordsMax: 1e6 }),
    }))
    expect(failed).toEqual([
      'gives at most batchRecordsMax records at once, without gaps',
      'reads two partitions in turn, each in order',
    ])
  })

  test('a fetcher whose progress is one behind', async () => {
    const fault = withFetcher(fetcher => ({
      progress: partition => {
        const progress = fetcher.progress(partition)
        return progress === null ? null : { ...progress, position: progress.position - 1 }
      },
    }))
    expect(await failedQuestions(fault)).toEqual([
      'shows in its progress that everything was read',
      'knows of an empty partition that it is empty',
      'has its position behind the control record of a commit',
      'has its position behind aborted records when nothing follows',
      'tells the high watermark from what can be read',
    ])
  })

  test('a producer that drops headers, and one that partitions by something else', async () => {
    const headerless = withProducer(producer => ({
      write: records => producer.write({ ...records, headersSize: new Int32Array(records.count) }),
    }))
    expect(await failedQuestions(headerless)).toEqual([
      'keeps keys, values, headers and timestamps of records as they are',
    ])
    const firstOnly = withProducer(producer => ({
      write: records =>
        producer.write({
          ...records,
          partitions: records.partitions ?? new Int32Array(records.count),
        }),
    }))
    expect(await failedQuestions(firstOnly)).toEqual([
      'chooses the partition of a key as the Java client does',
    ])
  })

  test('a producer that keeps its failures to itself', async () => {
    const silent = withProducer(producer => ({
      flush: () => producer.flush().catch(() => {}),
    }))
    expect(await failedQuestions(silent)).toEqual([
      'says DELIVERY_FAILED at flush, once, when a record was not written',
    ])
  })

  test('a group that loses metadata, or does not wait for onRevoked', async () => {
    const forgetful = (transport: Transport): Partial<Transport> => ({
      joinGroup: async options => {
        const member: GroupMember = await transport.joinGroup(options)
        return {
          ...member,
          commit: offsets => member.commit(offsets.map(o => ({ ...o, metadata: '' }))),
        }
      },
    })
    expect(await failedQuestions(forgetful)).toEqual([
      'keeps committed offsets with their metadata for the next member',
      'keeps the offsets of groups apart',
      'shares partitions between members; what onRevoked commits goes along',
    ])
    const hasty = (transport: Transport): Partial<Transport> => ({
      joinGroup: options =>
        transport.joinGroup({
          ...options,
          onRevoked: async partitions => {
            void options.onRevoked(partitions).catch(() => {})
          },
        }),
    })
    expect(await failedQuestions(hasty)).toContain(
      'waits for onRevoked before a partition gets a new owner',
    )
  })
})
