import type { TopicPartition } from '@millrace/core'
import { expect, test } from 'vitest'
import { brokerError } from './broker-errors.ts'
import { KafkaGroupMember } from './group-member.ts'
import type { NativeConsumer, NativeError, NativeLogLine, NativeOffset } from './native-client.ts'

const ASSIGN = Object.assign(new Error('assign'), { code: -175 }) as NativeError
const REVOKE = Object.assign(new Error('revoke'), { code: -174 }) as NativeError

/** Notes what it is told, in order; the test plays the group. */
class FakeNative {
  readonly calls: string[] = []
  isLost = false
  pollError: Error | null = null
  onUnsubscribe: () => void = () => {}
  #isUp = true
  onLog: (line: NativeLogLine) => void = () => {}
  setDefaultConsumeTimeout(): void {}
  on(_: 'event.log', listener: (line: NativeLogLine) => void): void {
    this.onLog = listener
  }
  subscribe(topics: string[]): void {
    this.calls.push(`subscribe ${topics}`)
  }
  unsubscribe(): void {
    this.calls.push('unsubscribe')
    setImmediate(this.onUnsubscribe)
  }
  consume(_: number, done: (error: Error | null) => void): void {
    const error = this.pollError
    this.pollError = null
    setImmediate(() => done(error))
  }
  incrementalAssign(list: NativeOffset[]): void {
    this.calls.push(`assign ${list.map(({ partition, offset }) => `${partition}@${offset}`)}`)
  }
  pause(list: TopicPartition[]): void {
    this.calls.push(`pause ${list.map(({ partition }) => partition)}`)
  }
  incrementalUnassign(list: TopicPartition[]): void {
    this.calls.push(`unassign ${list.map(({ partition }) => partition)}`)
    if (!this.calls.includes('unsubscribe')) return
    setTimeout(() => {
      this.calls.push('leave')
      this.onLog({ severity: 7, fac: 'LEAVE', message: 'Group "g": leave (in state up)' })
    }, 5)
  }
  assignmentLost(): boolean {
    return this.isLost
  }
  commit(list: NativeOffset[]): void {
    this.calls.push(`commit ${list.map(({ offset, metadata }) => `${offset}:${metadata}`)}`)
  }
  committed(list: TopicPartition[], _: number, done: (e: null, l: NativeOffset[]) => void): void {
    done(null, [{ ...(list[0] as TopicPartition), offset: 4, metadata: 'm' }, shop(1)])
  }
  isConnected(): boolean {
    return this.#isUp
  }
  disconnect(done: () => void): void {
    this.#isUp = false
    this.calls.push('disconnect')
    done()
  }
}

const shop = (partition: number): TopicPartition => ({ topic: 'shop', partition })

function join(
  onRevoked: () => Promise<void> = async () => {},
  onLost: () => Promise<void> = async () => {},
  revokeMs = 10_000,
) {
  const native = new FakeNative()
  const told: string[] = []
  const names = (list: readonly TopicPartition[]) => list.map(({ partition }) => partition)
  const member = new KafkaGroupMember(
    native as unknown as NativeConsumer,
    {
      groupId: 'g',
      topics: ['shop'],
      onAssigned: list => void told.push(`assigned ${names(list)}`),
      onRevoked: list => {
        told.push(`revoked ${names(list)}`)
        return onRevoked()
      },
      onLost: list => {
        told.push(`lost ${names(list)}`)
        return onLost()
      },
      onError: error => void told.push(`error ${error.message}`),
    },
    brokerError,
    revokeMs,
  )
  return { native, told, member }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('takes partitions without looking offsets up, pauses them, and tells', async () => {
  const { native, told, member } = join()
  member.rebalanced(ASSIGN, [])
  member.rebalanced(ASSIGN, [shop(0), shop(1)])
  expect(native.calls).toEqual(['subscribe shop', 'assign ', 'assign 0@0,1@0', 'pause 0,1'])
  expect(told).toEqual(['assigned 0,1'])
  await member.leave()
})

test('gives partitions up when onRevoked has settled; what is committed there counts', async () => {
  let settle = (): void => {}
  const { native, told, member } = join(() => new Promise<void>(resolve => (settle = resolve)))
  member.rebalanced(ASSIGN, [shop(0)])
  member.rebalanced(REVOKE, [shop(0)])
  await turn()
  expect(told.at(-1)).toBe('revoked 0')
  const commit = member.commit([{ ...shop(0), offset: 3, metadata: 'm' }])
  await turn()
  member.committedByBroker(undefined)
  await commit
  expect(native.calls.at(-1)).toBe('commit 3:m')
  settle()
  await turn()
  expect(native.calls.at(-1)).toBe('unassign 0')
  await member.leave()
})

test('what is lost is let go, and the group joined again, when onLost has settled', async () => {
  let settle = (): void => {}
  const lost = () => new Promise<void>(resolve => (settle = resolve))
  const { native, told, member } = join(undefined, lost)
  member.rebalanced(ASSIGN, [shop(0)])
  native.isLost = true
  member.rebalanced(REVOKE, [shop(0)])
  await turn()
  expect(told).toEqual(['assigned 0', 'lost 0'])
  // Until then nothing done before is committed: neither offsets nor transactions.
  expect(native.calls.at(-1)).toBe('pause 0')
  const commit = member.commit([{ ...shop(0), offset: 3, metadata: '' }])
  await expect(commit).rejects.toMatchObject({ code: 'BROKER_REFUSED', retriable: true })
  expect(() => KafkaGroupMember.nativeOf(member)).toThrow(/^FENCED: this member is out of group g/)
  settle()
  await turn()
  expect(native.calls.at(-1)).toBe('unassign 0')
  expect(KafkaGroupMember.nativeOf(member)).toBe(native)
  await member.leave()
})

test('commits go one at a time and end as the broker says', async () => {
  const { native, member } = join()
  member.rebalanced(ASSIGN, [shop(0)])
  const first = member.commit([{ ...shop(0), offset: 1, metadata: '' }])
  const second = member.commit([{ ...shop(0), offset: 2, metadata: '' }])
  await turn()
  expect(native.calls.filter(call => call.startsWith('commit'))).toEqual(['commit 1:'])
  member.committedByBroker(Object.assign(new Error('unknown member'), { code: 25 }) as NativeError)
  await expect(first).rejects.toMatchObject({ code: 'BROKER_REFUSED', retriable: true })
  await turn()
  member.committedByBroker(undefined)
  await second
  await member.leave()
})

test.each([
  [{ ...shop(0), offset: -1, metadata: '' }, 'whole number'],
  [{ ...shop(0), offset: 1, metadata: 'é' }, 'printable ASCII'],
  [{ ...shop(0), offset: 1, metadata: 'x'.repeat(3_001) }, 'at most 3000 characters'],
  [{ ...shop(9), offset: 1, metadata: '' }, 'does not own'],
])('refuses the commit %o', async (commit, reason) => {
  const { native, member } = join()
  member.rebalanced(ASSIGN, [shop(0)])
  await expect(member.commit([commit])).rejects.toThrow(reason)
  expect(native.calls.some(call => call.startsWith('commit'))).toBe(false)
  await member.leave()
})

test('leaves out partitions that have no committed offset', async () => {
  const { member } = join()
  expect(await member.committed([shop(0), shop(1)])).toEqual([
    { ...shop(0), offset: 4, metadata: 'm' },
  ])
  await member.leave()
})

test('leaves in the order that works, without onRevoked, and refuses what comes after', async () => {
  const { native, told, member } = join()
  member.rebalanced(ASSIGN, [shop(0)])
  native.onUnsubscribe = () => member.rebalanced(REVOKE, [shop(0)])
  await member.leave()
  await member.leave()
  expect(native.calls.slice(-4)).toEqual(['unsubscribe', 'unassign 0', 'leave', 'disconnect'])
  expect(told).toEqual(['assigned 0'])
  const late = member.commit([{ ...shop(0), offset: 1, metadata: '' }])
  await expect(late).rejects.toMatchObject({ code: 'BROKER_REFUSED' })
})

test('gives its client to transactions until it leaves', async () => {
  const { member, native } = join()
  expect(KafkaGroupMember.nativeOf(member)).toBe(native)
  await member.leave()
  expect(() => KafkaGroupMember.nativeOf(member)).toThrow(/^FENCED: this member is out of group/)
})

test('tells transactions of its generation, as its client last said it', async () => {
  const { member, native } = join()
  expect(() => KafkaGroupMember.membershipOf(member)).toThrow(
    /^BROKER_REFUSED: the generation of group g is not known/,
  )
  for (const generation of [3, 4]) {
    const message =
      `JoinGroup response: GenerationId ${generation}, Protocol p, LeaderId m1 (me), ` +
      'my MemberId m1, member metadata count 1: (no error)'
    native.onLog({ severity: 7, fac: 'JOINGROUP', message })
    native.onLog({ severity: 7, fac: 'HEARTBEAT', message: 'Heartbeat for group "g"' })
    const expected = { groupId: 'g', memberId: 'm1', generation, instanceId: null }
    expect(KafkaGroupMember.membershipOf(member)).toEqual(expected)
  }
  await member.leave()
  expect(() => KafkaGroupMember.membershipOf(member)).toThrow(/^FENCED/)
})

test('tells once what ends the membership, and not what mends itself', async () => {
  const { native, told, member } = join()
  for (const code of [-147, -195, 30, 30]) {
    native.pollError = Object.assign(new Error(`code ${code}`), { code })
    member.wake()
    await turn()
    await turn()
  }
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('error BROKER_REFUSED: the group g cannot be used: code 30')
  await member.leave()
})

test('an onRevoked that hangs holds the group up to a deadline; then nothing is committed', async () => {
  let settle = (): void => {}
  const hanging = () => new Promise<void>(resolve => (settle = resolve))
  const { native, told, member } = join(hanging, async () => {}, 30)
  member.rebalanced(ASSIGN, [shop(0), shop(1)])
  member.rebalanced(REVOKE, [shop(0)])
  await expect.poll(() => native.calls.at(-1)).toBe('unassign 0')
  expect(told).toEqual(['assigned 0,1', 'revoked 0'])
  const kept = [{ ...shop(1), offset: 3, metadata: '' }]
  expect(() => KafkaGroupMember.nativeOf(member)).toThrow('FENCED')
  await expect(member.commit(kept)).rejects.toMatchObject({ code: 'FENCED' })
  settle()
  await expect.poll(() => told.at(-1)).toBe('lost 0')
  await turn()
  expect(KafkaGroupMember.nativeOf(member)).toBe(native)
  await member.leave()
})
