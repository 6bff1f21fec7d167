import { describe, expect, test } from 'vitest'
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import { ConsumerGroup, type Membership } from './consumer-group.ts'

/** A group over a topic `a`, with a log of all that its members are told. */
class Stage {
  partitionCount = 4
  readonly log: string[] = []
  readonly group: ConsumerGroup = new ConsumerGroup('g', topics =>
    topics.has('a')
      ? Array.from({ length: this.partitionCount }, (_, partition) => ({ topic: 'a', partition }))
      : [],
  )

  join(
    name: string,
    onRevoked: () => Promise<void> = async () => {},
    onLost: () => Promise<void> | undefined = () => undefined,
  ): Membership {
    const note = (what: string, partitions: readonly TopicPartition[]): void => {
      this.log.push(`${name} ${what} ${partitions.map(p => p.partition).join(',')}`)
    }
    return this.group.join({
      groupId: 'g',
      topics: ['a'],
      onAssigned: partitions => note('+', partitions),
      onRevoked: partitions => {
        note('-', partitions)
        return onRevoked()
      },
      onLost: partitions => {
        note('lost', partitions)
        return onLost()
      },
      onError: error => this.log.push(`${name} ! ${error.message}`),
    })
  }

  /** Until nothing happens any more. */
  async rest(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  }

  take(): string[] {
    return this.log.splice(0)
  }
}

const commitOf = (partition: number, offset = 5, metadata = '') => ({
  topic: 'a',
  partition,
  offset,
  metadata,
})

describe('a rebalance', () => {
  test('hands over what balance needs, and only that', async () => {
    const stage = new Stage()
    stage.join('one')
    expect(stage.log).toEqual([])
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3'])
    const two = stage.join('two')
    await stage.rest()
    expect(stage.take()).toEqual(['one - 2,3', 'two + 3,2'])
    stage.group.leave(two)
    await stage.rest()
    expect(stage.take()).toEqual(['one + 2,3'])
  })

  test('takes members that join at the same moment together', async () => {
    const stage = new Stage()
    stage.join('one')
    stage.join('two')
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,2', 'two + 1,3'])
  })

  test('gives partitions on when onRevoked has settled; commits count until then', async () => {
    const stage = new Stage()
    let settle = (): void => {}
    const one = stage.join('one', () => new Promise(resolve => (settle = resolve)))
    await stage.rest()
    stage.join('two')
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one - 2,3'])
    stage.group.commit(one, [commitOf(3)])
    settle()
    await stage.rest()
    expect(stage.take()).toEqual(['two + 3,2'])
    expect(() => stage.group.commit(one, [commitOf(3, 6)])).toThrow('BROKER_REFUSED')
    expect(stage.group.offsets.get('a', 3)?.offset).toBe(5)
  })

  test('plans anew when the new member has left meanwhile', async () => {
    const stage = new Stage()
    let settle = (): void => {}
    stage.join('one', () => new Promise(resolve => (settle = resolve)))
    await stage.rest()
    const two = stage.join('two')
    await stage.rest()
    stage.group.leave(two)
    settle()
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one - 2,3', 'one + 2,3'])
  })

  test('does not wait for a member that leaves while it gives up partitions', async () => {
    const stage = new Stage()
    const one = stage.join('one', () => new Promise(() => {}))
    await stage.rest()
    stage.join('two')
    await stage.rest()
    stage.group.leave(one)
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one - 2,3', 'two + 0,1,2,3'])
  })

  test('goes on when onRevoked fails, and says so', async () => {
    const stage = new Stage()
    stage.join('one', () => Promise.reject(new Error('no commit')))
    await stage.rest()
    stage.join('two')
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one - 2,3', 'one ! no commit', 'two + 3,2'])
  })

  test('gives new partitions of a topic', async () => {
    const stage = new Stage()
    stage.join('one')
    await stage.rest()
    stage.partitionCount = 6
    stage.group.rebalance()
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one + 4,5'])
  })
})

describe('an expelled member', () => {
  test('loses all, and comes back after the others have shared it', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    stage.join('two')
    await stage.rest()
    stage.take()
    stage.group.expel(one, true)
    expect(() => stage.group.commit(one, [commitOf(0)])).toThrow('BROKER_REFUSED')
    expect(() => stage.group.commit(one, [])).toThrow('BROKER_REFUSED')
    await stage.rest()
    expect(stage.take()).toEqual(['one lost 0,2', 'two + 0,2', 'two - 0,2', 'one + 2,0'])
    stage.group.commit(one, [commitOf(0)])
  })

  test('comes back when it has seen to what it lost', async () => {
    const stage = new Stage()
    let settle = (): void => {}
    const member = stage.join('one', undefined, () => new Promise(resolve => (settle = resolve)))
    await stage.rest()
    stage.group.expel(member, true)
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one lost 0,1,2,3'])
    expect(() => stage.group.commit(member, [commitOf(0)])).toThrow('BROKER_REFUSED')
    settle()
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3'])
  })

  test('stays away when it leaves while it sees to what it lost', async () => {
    const stage = new Stage()
    let settle = (): void => {}
    const member = stage.join('one', undefined, () => new Promise(resolve => (settle = resolve)))
    await stage.rest()
    stage.group.expel(member, true)
    stage.group.leave(member)
    settle()
    await stage.rest()
    expect(stage.group.members).toEqual([])
  })

  test('stays away when told so', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    await stage.rest()
    stage.group.expel(one, false)
    await stage.rest()
    expect(stage.take()).toEqual(['one + 0,1,2,3', 'one lost 0,1,2,3'])
    expect(stage.group.members).toEqual([])
  })
})

describe('a commit', () => {
  test('is taken whole or not at all, and refused for what is not owned', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    stage.join('two')
    await stage.rest()
    const [name] = [...one.owned.keys()]
    expect(name).toBe(partitionName('a', 0))
    let refusal: unknown
    try {
      stage.group.commit(one, [commitOf(0), commitOf(1)])
    } catch (error) {
      refusal = error
    }
    expect(refusal).toMatchObject({
      code: 'BROKER_REFUSED',
      retriable: true,
      place: { topic: 'a', partition: 1 },
    })
    expect(stage.group.offsets.get('a', 0)).toBe(undefined)
  })

  test('of an earlier generation is refused, also for a member that is back', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    await stage.rest()
    const { generation } = one
    stage.group.commit(one, [commitOf(0)], generation)
    stage.group.expel(one, true)
    await stage.rest()
    expect(() => stage.group.commit(one, [commitOf(0, 6)], generation)).toThrow('BROKER_REFUSED')
    expect(() => stage.group.hold(one, [commitOf(0, 6)], generation)).toThrow('FENCED')
    stage.group.commit(one, [commitOf(0, 7)])
    expect(stage.group.offsets.get('a', 0)?.offset).toBe(7)
  })

  test('of topics the member does not share is taken for any partition, while it is in', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    await stage.rest()
    const other = { ...commitOf(9), topic: 'b' }
    stage.group.commit(one, [other])
    expect(stage.group.offsets.get('b', 9)).toEqual(other)
    stage.group.leave(one)
    expect(() => stage.group.commit(one, [other])).toThrow('BROKER_REFUSED')
  })

  test('in a transaction counts when it is decided, and is checked when it comes', async () => {
    const stage = new Stage()
    const one = stage.join('one')
    await stage.rest()
    const decide = stage.group.hold(one, [commitOf(0)], one.generation)
    stage.group.leave(one)
    expect(stage.group.offsets.get('a', 0)).toBe(undefined)
    decide(true)
    expect(stage.group.offsets.get('a', 0)?.offset).toBe(5)
    expect(() => stage.group.hold(one, [commitOf(0)], one.generation)).toThrow('FENCED')
  })

  test.each([
    ['an offset below zero', commitOf(0, -1)],
    ['half an offset', commitOf(0, 1.5)],
    ['metadata of more than 3,000 characters', commitOf(0, 1, 'x'.repeat(3_001))],
    ['metadata that is not ASCII', commitOf(0, 1, 'é')],
  ])('is refused with %s', async (_, commit) => {
    const stage = new Stage()
    const one = stage.join('one')
    await stage.rest()
    expect(() => stage.group.commit(one, [commit])).toThrow('INVALID_ARGUMENT')
  })
})
