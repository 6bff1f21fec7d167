import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import type { OutgoingRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import type { GroupMember, OffsetCommit, TransactionalProducer, Transport } from '../transport.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { inMemory } from './in-memory-transport.ts'

const A0 = { topic: 'a', partition: 0 }
const OPTIONS = { transactionalId: 'id', timeoutMs: 10_000 }
const LOG = { info: () => {}, warn: () => {} }
const SILENT_GROUP = {
  groupId: 'g',
  topics: ['in'],
  onAssigned: () => {},
  onRevoked: async () => {},
  onLost: () => {},
  onError: () => {},
}

interface Client {
  readonly transport: Transport
  readonly producer: TransactionalProducer
  readonly member: GroupMember
}

class Stage {
  readonly clock: ManualClock = new ManualClock()
  readonly broker: InMemoryBroker = new InMemoryBroker({ clock: this.clock })

  constructor() {
    this.broker.createTopic('a', 2)
    this.broker.createTopic('in')
  }

  async client(clientId: string, transactionalId = 'id'): Promise<Client> {
    const transport = inMemory(this.broker, { clientId }).create({ applicationId: 'x', log: LOG })
    const member = await transport.joinGroup(SILENT_GROUP)
    const producer = await createProducer(transport, { ...OPTIONS, transactionalId })
    await rest()
    return { transport, producer, member }
  }

  get values(): string[] {
    return this.broker.read('a').map(({ value }) => String(value))
  }

  get offset(): number | null {
    return this.broker.committed('g', { topic: 'in', partition: 0 })?.offset ?? null
  }
}

function createProducer(transport: Transport, options: typeof OPTIONS) {
  const create = transport.createTransactionalProducer?.bind(transport)
  if (create === undefined) throw new Error('no transactions')
  return create(options)
}

async function rest(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve))
}

function outgoing(...values: string[]): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (const value of values) builder.append(null, Buffer.from(value), 0)
  const partitions = new Int32Array(values.length)
  return { ...builder.build(), topic: 'a', partitions }
}

const input = (offset: number): OffsetCommit[] => [
  { topic: 'in', partition: 0, offset, metadata: '' },
]

describe('a commit', () => {
  test('makes records and offsets visible in one step', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.write(outgoing('x', 'y'))
    expect([stage.values, stage.offset]).toEqual([[], null])
    expect(stage.broker.log('a', 0).end).toBe(2)
    await producer.commit(input(7), member)
    expect([stage.values, stage.offset]).toEqual([['x', 'y'], 7])
    expect(stage.broker.log('a', 0).end).toBe(3)
    expect(stage.broker.log('a', 1).end).toBe(0)
  })

  test('of nothing at all asks the broker nothing', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    stage.broker.breakConnections()
    await producer.commit([], member)
    await producer.abort()
  })

  test('without a member has no offsets', async () => {
    const stage = new Stage()
    const { producer } = await stage.client('one')
    await producer.write(outgoing('x'))
    await expect(producer.commit(input(1), null)).rejects.toThrow('INTERNAL')
    await producer.commit([], null)
    expect([stage.values, stage.offset]).toEqual([['x'], null])
  })

  test('of a member that was expelled is refused, with and without records', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    stage.broker.expelClient('one', { comesBack: false })
    await expect(producer.commit(input(1), member)).rejects.toMatchObject({ code: 'FENCED' })
    await producer.abort()
    await producer.write(outgoing('x'))
    await expect(producer.commit(input(1), member)).rejects.toMatchObject({ code: 'FENCED' })
    // It can only be aborted.
    await expect(producer.commit([], member)).rejects.toMatchObject({ code: 'FENCED' })
    await producer.abort()
    await producer.write(outgoing('y'))
    await producer.commit([], member)
    expect([stage.values, stage.offset]).toEqual([['y'], null])
  })

  test('for a partition that went to another member is refused', async () => {
    const stage = new Stage()
    const one = await stage.client('one', 'id-1')
    const two = await stage.client('two', 'id-2')
    await expect(two.producer.commit(input(1), two.member)).rejects.toMatchObject({
      code: 'FENCED',
      place: { topic: 'in', partition: 0 },
    })
    await one.producer.commit(input(2), one.member)
    await one.member.leave()
    await rest()
    await two.producer.abort()
    await two.producer.commit(input(3), two.member)
    expect(stage.offset).toBe(3)
  })

  test('takes offsets of topics the group does not read together', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.commit([{ ...A0, offset: 4, metadata: 'm' }], member)
    expect(stage.broker.committed('g', A0)).toEqual({ ...A0, offset: 4, metadata: 'm' })
  })

  test('fails for a failed delivery, and so does each further one until the abort', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.write(outgoing('x'))
    stage.broker.failNextDelivery('a')
    await producer.write(outgoing('lost', 'y'))
    const failure = { code: 'DELIVERY_FAILED', place: { topic: 'a' } }
    await expect(producer.commit(input(1), member)).rejects.toMatchObject(failure)
    await expect(producer.commit(input(1), member)).rejects.toMatchObject(failure)
    await producer.abort()
    await producer.write(outgoing('z'))
    await producer.commit(input(2), member)
    expect([stage.values, stage.offset]).toEqual([['z'], 2])
  })

  test('while connections are broken fails and can be repeated after an abort', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.write(outgoing('x'))
    stage.broker.breakConnections()
    const unreachable = { code: 'BROKER_UNREACHABLE', retriable: true }
    await expect(producer.commit(input(1), member)).rejects.toMatchObject(unreachable)
    await expect(producer.abort()).rejects.toMatchObject(unreachable)
    stage.broker.heal()
    await producer.abort()
    await producer.write(outgoing('x'))
    await producer.commit(input(1), member)
    expect([stage.values, stage.offset]).toEqual([['x'], 1])
  })

  test('that is under way lets nothing else be done', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.write(outgoing('x'))
    const commit = producer.commit(input(1), member)
    expect(() => producer.write(outgoing('y'))).toThrow('INTERNAL')
    await expect(producer.abort()).rejects.toThrow('INTERNAL')
    await commit
    expect(stage.values).toEqual(['x'])
  })
})

describe('a commit whose answer is lost', () => {
  test.each([true, false])('resolves when it is known to be done (%s before)', async isDone => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    stage.broker.loseNextCommitAnswer(isDone)
    await producer.write(outgoing('x'))
    await producer.commit(input(1), member)
    expect([stage.values, stage.offset, stage.broker.log('a', 0).end]).toEqual([['x'], 1, 2])
    await producer.write(outgoing('y'))
    await producer.commit(input(2), member)
    expect([stage.values, stage.offset]).toEqual([['x', 'y'], 2])
  })

  test('waits for a broker out of reach, and asks then', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    stage.broker.faults.before('end-commit', () => stage.broker.breakConnections())
    await producer.write(outgoing('x'))
    let isKnown = false
    const commit = producer.commit(input(1), member).then(() => (isKnown = true))
    await rest()
    expect([isKnown, stage.values]).toEqual([false, []])
    expect(stage.broker.isHeldUp('one')).toBe(true)
    stage.broker.heal()
    await commit
    expect([stage.values, stage.offset]).toEqual([['x'], 1])
    expect(stage.broker.isHeldUp('one')).toBe(false)
  })

  test('is fenced when another has taken over meanwhile', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    const taker = inMemory(stage.broker).create({ applicationId: 'x', log: LOG })
    stage.broker.faults.before('end-commit', async () => {
      await createProducer(taker, OPTIONS)
    })
    await producer.write(outgoing('x'))
    await expect(producer.commit(input(1), member)).rejects.toMatchObject({ code: 'FENCED' })
    expect([stage.values, stage.offset]).toEqual([[], null])
  })
})

describe('a fenced producer', () => {
  test('fails in its next call, whichever, and in all after', async () => {
    const stage = new Stage()
    const { producer, member, transport } = await stage.client('one')
    await producer.write(outgoing('x'))
    const taker = await createProducer(transport, OPTIONS)
    await expect(producer.abort()).rejects.toMatchObject({ code: 'FENCED' })
    expect(() => producer.write(outgoing('y'))).toThrow('FENCED')
    await expect(producer.commit(input(1), member)).rejects.toMatchObject({ code: 'FENCED' })
    await producer.close()
    await taker.write(outgoing('z'))
    await taker.commit(input(2), member)
    expect([stage.values, stage.offset]).toEqual([['z'], 2])
  })

  test('hears of it at the commit when it only wrote', async () => {
    const stage = new Stage()
    const { producer, member, transport } = await stage.client('one')
    await createProducer(transport, OPTIONS)
    await producer.write(outgoing('x'))
    await expect(producer.commit([], member)).rejects.toMatchObject({ code: 'FENCED' })
    expect(stage.values).toEqual([])
    expect(stage.broker.openTransactions()).toEqual([])
  })

  test('is also one whose transaction was open too long', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    await producer.write(outgoing('x'))
    expect(stage.broker.openTransactions()).toEqual(['id'])
    await stage.clock.advance(10_000)
    expect(stage.broker.openTransactions()).toEqual([])
    await expect(producer.commit(input(1), member)).rejects.toMatchObject({ code: 'FENCED' })
    expect([stage.values, stage.offset]).toEqual([[], null])
  })
})

describe('close', () => {
  test('aborts what is open, twice as well as once', async () => {
    const stage = new Stage()
    const { producer, transport } = await stage.client('one')
    await producer.write(outgoing('x'))
    await producer.close()
    await producer.close()
    expect([stage.broker.openTransactions(), stage.values]).toEqual([[], []])
    expect(() => producer.write(outgoing('y'))).toThrow('INTERNAL')
    await transport.close()
  })

  test('leaves it to the timeout when the broker is out of reach', async () => {
    const stage = new Stage()
    const { producer } = await stage.client('one')
    await producer.write(outgoing('x'))
    stage.broker.breakConnections()
    await producer.close()
    expect(stage.broker.openTransactions()).toEqual(['id'])
    await stage.clock.advance(10_000)
    expect(stage.broker.openTransactions()).toEqual([])
  })
})

describe('a zombie', () => {
  test('whose commit comes after it was expelled is refused; the next owner goes on', async () => {
    const stage = new Stage()
    const zombie = await stage.client('zombie', 'id-1')
    await zombie.producer.write(outgoing('from the grave'))
    const wake = stage.broker.hang('zombie')
    const late = zombie.producer.commit(input(9), zombie.member)
    stage.broker.expelClient('zombie')
    const heir = await stage.client('heir', 'id-2')
    await heir.producer.write(outgoing('x'))
    await heir.producer.commit(input(1), heir.member)
    wake()
    await expect(late).rejects.toMatchObject({ code: 'FENCED' })
    await zombie.producer.abort()
    expect([stage.values, stage.offset]).toEqual([['x'], 1])
  })

  test('that has come back is refused for what it sent before', async () => {
    const stage = new Stage()
    const { producer, member } = await stage.client('one')
    let send = (): void => {}
    stage.broker.faults.before('send-offsets', () => new Promise<void>(resolve => (send = resolve)))
    const late = producer.commit(input(9), member)
    await rest()
    stage.broker.expelClient('one')
    await rest()
    expect([...stage.broker.assignment('g').values()]).toEqual([[{ topic: 'in', partition: 0 }]])
    send()
    await expect(late).rejects.toMatchObject({ code: 'FENCED' })
    await producer.abort()
    await producer.commit(input(1), member)
    expect(stage.offset).toBe(1)
  })

  test('that dies between offsets and end keeps the next owner waiting, by the clock', async () => {
    const stage = new Stage()
    const dead = await stage.client('dead', 'id-1')
    await dead.producer.commit(input(1), dead.member)
    stage.broker.faults.before('end-commit', () => new Promise(() => {}))
    await dead.producer.write(outgoing('x'))
    void dead.producer.commit(input(9), dead.member)
    await rest()
    stage.broker.expelClient('dead', { comesBack: false })
    const heir = await stage.client('heir', 'id-2')
    const known: number[] = []
    const asked = heir.member
      .committed([{ topic: 'in', partition: 0 }])
      .then(commits => known.push(...commits.map(({ offset }) => offset)))
    await stage.clock.advance(9_999)
    expect(known).toEqual([])
    await stage.clock.advance(1)
    await asked
    expect(known).toEqual([1])
  })
})
