import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { InMemoryBroker } from './in-memory-broker.ts'

describe('records', () => {
  test('that a test appends are those it reads, text as UTF-8', () => {
    const broker = new InMemoryBroker({ clock: new ManualClock(500) })
    broker.createTopic('a', 2)
    broker.append('a', 1, [{ key: 'k', value: 'é', timestamp: 7 }, { value: Buffer.alloc(0) }, {}])
    broker.append('a', 0, [{ headers: [{ name: 'h', value: null }] }])
    const none = { key: null, value: null, timestamp: 500, headers: [] }
    const first = { partition: 0, offset: 0, ...none, headers: [{ name: 'h', value: null }] }
    const others = [
      {
        ...none,
        partition: 1,
        offset: 0,
        key: Buffer.from('k'),
        value: Buffer.from('é'),
        timestamp: 7,
      },
      { ...none, partition: 1, offset: 1, value: Buffer.alloc(0) },
      { ...none, partition: 1, offset: 2 },
    ]
    expect(broker.read('a')).toEqual([first, ...others])
    expect(broker.read('a', 1)).toEqual(others)
  })

  test('of an open transaction, or trimmed, are not read', () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a')
    const offsets = (): number[] => broker.read('a').map(({ offset }) => offset)
    broker.append('a', 0, [{}, {}])
    const release = broker.holdTransaction('a', 0)
    broker.append('a', 0, [{}])
    expect(offsets()).toEqual([0, 1])
    release()
    broker.skipOffsets('a', 0, 2)
    broker.append('a', 0, [{}])
    broker.trim('a', 0, 1)
    expect(offsets()).toEqual([1, 2, 6])
  })
})

describe('compaction', () => {
  test('keeps the last record of each key of a compacted topic', () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a', 1, { 'cleanup.policy': 'compact' })
    const put = (key: string, value: string | null) => broker.append('a', 0, [{ key, value }])
    const offsets = () => broker.read('a').map(({ offset }) => offset)
    put('x', '1')
    put('y', '1')
    put('x', '2')
    put('y', null)
    broker.compact('a', 0)
    expect(offsets()).toEqual([2, 3])
    const release = broker.holdTransaction('a', 0)
    put('x', '3')
    broker.compact('a', 0, { dropTombstones: true })
    expect(offsets()).toEqual([2])
    release()
    expect(offsets()).toEqual([2, 4])
    broker.compact('a', 0)
    expect(offsets()).toEqual([4])
  })

  test('is for compacted topics', () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a')
    expect(() => broker.compact('a', 0)).toThrow(/^INVALID_ARGUMENT: the topic is not compacted/)
  })
})

describe('clients', () => {
  test('have the name they were given, else that of the application and a number', () => {
    const broker = new InMemoryBroker()
    for (const name of [undefined, 'mine', undefined]) broker.connect('app', name)
    expect(broker.clients()).toEqual(['app-1', 'mine', 'app-2'])
    broker.connect('app', 'app-1')
    expect(broker.clients()).toEqual(['mine', 'app-2', 'app-1'])
  })

  test('that are not known cannot be stopped', () => {
    const broker = new InMemoryBroker()
    broker.connect('app')
    expect(() => broker.hang('app')).toThrow(
      /^INVALID_ARGUMENT: no client app has connected; clients are app-1/,
    )
    expect(() => broker.expelClient('app')).toThrow('INVALID_ARGUMENT')
  })
})

describe('topics', () => {
  test('are created once, with the partitions asked for', () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a', 3)
    broker.append('a', 2, [{}])
    broker.createTopic('a', 3)
    expect(broker.read('a').length).toBe(1)
    expect(() => broker.createTopic('a', 4)).toThrow(
      /^TOPIC_MISCONFIGURED: the topic has 3 partitions, expected 4/,
    )
    broker.addPartitions('a', 1)
    expect(broker.partitionCount('a')).toBe(4)
  })

  test.each(['', '.', '..', 'a b', 'a/b', 'é', 'x'.repeat(250)])('are not named %j', name => {
    expect(() => new InMemoryBroker().createTopic(name)).toThrow('INVALID_ARGUMENT')
  })

  test.each([0, -1, 1.5])('do not have %d partitions', count => {
    expect(() => new InMemoryBroker().createTopic('a', count)).toThrow('INVALID_ARGUMENT')
  })

  test('that are missing are told with the nearest name', () => {
    const broker = new InMemoryBroker()
    broker.createTopic('purchases')
    expect(() => broker.append('purchase', 0, [])).toThrow(
      /^TOPIC_MISSING: the in-memory broker has no topic "purchase"\. Did you mean "purchases"\?/,
    )
    expect(() => broker.read('purchases', 1)).toThrow(/^TOPIC_MISSING: there is no partition 1/)
  })
})

describe('groups', () => {
  const callbacks = {
    onAssigned: () => {},
    onRevoked: async () => {},
    onLost: () => {},
    onError: () => {},
  }

  test('show their members and who owns what; a member can be expelled by its id', async () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a', 2)
    broker.group('g').join({ groupId: 'g', topics: ['a'], ...callbacks })
    broker.group('g').join({ groupId: 'g', topics: ['a'], ...callbacks })
    await expect.poll(() => [...broker.assignment('g').values()].flat().length).toBe(2)
    const [first, second] = broker.members('g') as [string, string]
    expect(broker.assignment('g').get(first)).toEqual([{ topic: 'a', partition: 0 }])
    broker.expel('g', first, { comesBack: false })
    expect(broker.members('g')).toEqual([second])
    await expect.poll(() => broker.assignment('g').get(second)?.length).toBe(2)
    expect(() => broker.expel('g', first)).toThrow(/^INVALID_ARGUMENT: no member/)
  })

  test('have partitions of a topic created later', async () => {
    const broker = new InMemoryBroker()
    broker.group('g').join({ groupId: 'g', topics: ['a'], ...callbacks })
    broker.createTopic('a', 2)
    await expect.poll(() => [...broker.assignment('g').values()].flat().length).toBe(2)
  })

  test('have offsets that can be moved from outside', () => {
    const broker = new InMemoryBroker()
    const partition = { topic: 'a', partition: 0 }
    expect(broker.committed('g', partition)).toBe(null)
    broker.setCommitted('g', { ...partition, offset: 9, metadata: 'm' })
    expect(broker.committed('g', partition)).toEqual({ ...partition, offset: 9, metadata: 'm' })
    expect(broker.committed('other', partition)).toBe(null)
  })
})
