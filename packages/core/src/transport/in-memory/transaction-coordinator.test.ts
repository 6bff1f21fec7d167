import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { PartitionLog } from './partition-log.ts'
import { type ProducerIdentity, TransactionCoordinator } from './transaction-coordinator.ts'

const OPTIONS = { transactionalId: 'id', timeoutMs: 100 }

function setUp() {
  const clock = new ManualClock()
  const ended: string[] = []
  const coordinator = new TransactionCoordinator(clock, () => ended.push('ended'))
  const log = new PartitionLog()
  const append = (identity: ProducerIdentity, value: string) => {
    const builder = new RawRecordsBuilder()
    builder.append(null, Buffer.from(value), 0)
    coordinator.append(identity, log, builder.build(), 0)
  }
  const values = (): string[] => {
    const read = log.read(0, 100, 1_000)
    if (read === null) return []
    const { records } = read
    return Array.from(records.valueStart, (start, i) =>
      records.data.toString('utf8', start, start + (records.valueSize[i] as number)),
    )
  }
  return { clock, ended, coordinator, log, append, values }
}

describe('a transaction', () => {
  test('opens with its first record or offset, and ends whole', () => {
    const { clock, ended, coordinator, append, values } = setUp()
    const one = coordinator.register(OPTIONS)
    expect(coordinator.openIds).toEqual([])
    append(one, 'a')
    expect(coordinator.openIds).toEqual(['id'])
    const decided: boolean[] = []
    coordinator.addOffsets(one, () => isCommitted => decided.push(isCommitted))
    expect([values(), decided]).toEqual([[], []])
    coordinator.end(one, true)
    expect([values(), decided, ended]).toEqual([['a'], [true], ['ended']])
    expect([coordinator.openIds, clock.nextDueAt]).toEqual([[], null])
    coordinator.addOffsets(one, () => isCommitted => decided.push(isCommitted))
    append(one, 'b')
    coordinator.end(one, false)
    expect([values(), decided]).toEqual([['a'], [true, false]])
  })

  test('that was committed can be committed again, one that was not cannot', () => {
    const { coordinator, append, log } = setUp()
    const one = coordinator.register(OPTIONS)
    expect(() => coordinator.end(one, true)).toThrow('BROKER_REFUSED')
    append(one, 'a')
    coordinator.end(one, true)
    coordinator.end(one, true)
    expect(log.end).toBe(2)
    append(one, 'b')
    coordinator.end(one, false)
    coordinator.end(one, false)
    expect(() => coordinator.end(one, true)).toThrow('BROKER_REFUSED')
  })

  test('is not opened by offsets that are refused', () => {
    const { coordinator } = setUp()
    const one = coordinator.register(OPTIONS)
    const refuse = () => {
      throw new Error('not a member')
    }
    expect(() => coordinator.addOffsets(one, refuse)).toThrow('not a member')
    expect(coordinator.openIds).toEqual([])
  })

  test('is aborted after its timeout, and its producer fenced', async () => {
    const { clock, coordinator, append, values, log } = setUp()
    const one = coordinator.register(OPTIONS)
    append(one, 'a')
    await clock.advance(99)
    expect([coordinator.openIds, log.lastStableOffset]).toEqual([['id'], 0])
    await clock.advance(1)
    expect([coordinator.openIds, log.lastStableOffset, values()]).toEqual([[], 2, []])
    expect(() => append(one, 'b')).toThrow('FENCED')
    expect(coordinator.isCurrent(one)).toBe(false)
  })

  test('has its own timeout, whatever became of the one before', async () => {
    const { clock, coordinator, append } = setUp()
    const one = coordinator.register(OPTIONS)
    append(one, 'a')
    await clock.advance(60)
    coordinator.end(one, true)
    append(one, 'b')
    await clock.advance(60)
    expect(coordinator.openIds).toEqual(['id'])
    await clock.advance(40)
    expect(coordinator.openIds).toEqual([])
  })
})

describe('registering an id again', () => {
  test('aborts what is open and fences its holder from all it can do', () => {
    const { coordinator, append, values } = setUp()
    const one = coordinator.register(OPTIONS)
    append(one, 'a')
    const two = coordinator.register(OPTIONS)
    append(two, 'b')
    for (const call of [
      () => append(one, 'c'),
      () => coordinator.addOffsets(one, () => () => {}),
      () => coordinator.end(one, true),
      () => coordinator.end(one, false),
    ]) {
      expect(call).toThrow(/^FENCED: another producer has taken over transactional id id/)
    }
    coordinator.end(two, true)
    expect(values()).toEqual(['b'])
  })

  test('leaves other ids alone', () => {
    const { coordinator, append, values } = setUp()
    const one = coordinator.register(OPTIONS)
    append(one, 'a')
    coordinator.register({ ...OPTIONS, transactionalId: 'other' })
    coordinator.end(one, true)
    expect(values()).toEqual(['a'])
  })
})

test.each([
  [{ transactionalId: '', timeoutMs: 1 }],
  [{ transactionalId: 'id', timeoutMs: 0 }],
  [{ transactionalId: 'id', timeoutMs: Number.NaN }],
])('%j is refused', options => {
  expect(() => setUp().coordinator.register(options)).toThrow('INVALID_ARGUMENT')
})
