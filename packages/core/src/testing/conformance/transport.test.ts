import { describe, expect, test } from 'vitest'
import { InMemoryBroker } from '../../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../../transport/in-memory/in-memory-transport.ts'
import type {
  Fetcher,
  GroupMember,
  Producer,
  Transport,
  TransportFactory,
} from '../../transport/transport.ts'
import { testTransport } from './transport.ts'

const broker = new InMemoryBroker()
testTransport({ describe, test, expect }, () => inMemory(broker), {
  timeoutMs: 5_000,
  silenceMs: 30,
})

/** Runs the exam on a transport with a fault; gives the names of the questions it fails. */
async function failedQuestions(fault: (transport: Transport) => Partial<Transport>) {
  const shared = inMemory()
  const factory: TransportFactory = {
    create(context) {
      const sound = shared.create(context)
      return { ...bound(sound), ...fault(sound) } as Transport
    },
  }
  const questions: { name: string; body: () => Promise<void> | void }[] = []
  const hooks = {
    describe: (_: string, body: () => void) => body(),
    test: (name: string, body: () => Promise<void> | void) => questions.push({ name, body }),
    expect,
  }
  testTransport(hooks, () => factory, { timeoutMs: 250, silenceMs: 10 })
  const failed: string[] = []
  for (const { name, body } of questions) {
    try {
      await body()
    } catch {
      failed.push(name)
    }
  }
  return failed
}

/** An object with the methods of another, so that some can be replaced. */
function bound<T extends object>(target: T): T {
  return new Proxy(
    {},
    {
      ownKeys: () => [
        ...Reflect.ownKeys(Object.getPrototypeOf(target)),
        ...Reflect.ownKeys(target),
      ],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      get: (_, name) => {
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    },
  ) as T
}

function withFetcher(fault: (fetcher: Fetcher) => Partial<Fetcher>) {
  return (transport: Transport): Partial<Transport> => ({
    createFetcher: async options => {
      const fetcher = await transport.createFetcher(options)
      return { ...bound(fetcher), ...fault(fetcher) }
    },
  })
}

function withProducer(fault: (producer: Producer) => Partial<Producer>) {
  return (transport: Transport): Partial<Transport> => ({
    createProducer: async () => {
      const producer = await transport.createProducer()
      return { ...bound(producer), ...fault(producer) }
    },
  })
}

describe('the exam finds', () => {
  test('nothing in a sound transport behind a wrapper', async () => {
    expect(await failedQuestions(() => ({}))).toEqual([])
  })

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
