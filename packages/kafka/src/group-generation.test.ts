import { expect, test } from 'vitest'
import { generationIn } from './group-generation.ts'

const line = (message: string) => ({ severity: 7, fac: 'JOINGROUP', message })

test('the line of a member that has joined tells its generation and its id', () => {
  const text =
    '[thrd:main]: JoinGroup response: GenerationId 12, Protocol cooperative-sticky, LeaderId ' +
    'slot-0-a1b2 (me), my MemberId slot-0-a1b2, member metadata count 2: (no error)'
  expect(generationIn(line(text))).toEqual({ number: 12, memberId: 'slot-0-a1b2' })
})

test.each([
  '[thrd:main]: JoinGroup response: GenerationId -1, Protocol , LeaderId , my MemberId x, ' +
    'member metadata count 0: Broker: Group member needs a valid member ID',
  '[thrd:main]: Group "orders" heartbeat',
])('other lines tell nothing: %s', text => {
  expect(generationIn(line(text))).toBeNull()
})
