import { expect, test } from 'vitest'
import type { SubTopology } from '../operator/pipeline.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import { storesOf } from './stores-of.ts'

const part = (...stores: [identity: string, fingerprint: string][]): SubTopology =>
  ({ stores: stores.map(([identity, fingerprint]) => ({ identity, fingerprint })) }) as never
const marker = (...stores: [step: string, fingerprint: string][]): EpochMarker =>
  ({ fingerprints: stores.map(([step, fingerprint]) => ({ step, fingerprint })) }) as never
const names = (of: ReturnType<typeof storesOf>) => of.stores.map(({ identity }) => identity)

test('a first start numbers the stores as the plan has them, and has no news', () => {
  const first = storesOf(part(['a', '1'], ['b', '2']), null, undefined)
  expect([names(first), first.news]).toEqual([['a', 'b'], []])
})

test('numbers stay: new stores come last, and those that the plan left keep theirs', () => {
  const history = marker(['a', '1'], ['gone', '9'], ['b', '2'])
  const now = storesOf(part(['new', '3'], ['b', '2'], ['a', '1']), history, undefined)
  expect([names(now), now.cleared]).toEqual([['a', 'gone', 'b', 'new'], []])
  expect(now.news).toEqual([
    'the plan has no step "gone" any more; its state is left',
    'step "new" is new: its state is empty',
  ])
})

test('a store that was left says so in the marker, once', () => {
  const left = storesOf(part(), marker(['a', '1']), undefined)
  expect(left.stores).toEqual([{ identity: 'a', fingerprint: 'left: 1' }])
  const again = storesOf(part(), marker(['a', 'left: 1']), undefined)
  expect(again).toEqual({ stores: left.stores, cleared: [], news: [] })
})

test('a step that cannot read its state is refused, with both and what to do', () => {
  const history = marker(['a', 'tumbling 10s'])
  const now = part(['a', 'tumbling 20s'])
  expect(() => storesOf(now, history, undefined)).toThrow(
    'PLAN_CHANGED: state "a" was made by "tumbling 10s", and the step is "tumbling 20s" now.',
  )
  expect(() => storesOf(now, history, undefined)).toThrow("run({ accept: { PLAN_CHANGED: 'clear'")
})

test('a step that comes back has missed records', () => {
  const history = marker(['a', 'left: 1'])
  expect(() => storesOf(part(['a', '1']), history, undefined)).toThrow(
    'state "a" was left by a plan without that step, so it has missed records since then',
  )
})

test('what was chosen is cleared by its number, and has its new fingerprint', () => {
  const history = marker(['a', '1'], ['b', '2'], ['c', 'left: 3'])
  const now = storesOf(part(['a', '1'], ['b', '9'], ['c', '3']), history, 'clear')
  expect(now.cleared).toEqual([2, 3])
  expect(now.stores.map(({ fingerprint }) => fingerprint)).toEqual(['1', '9', '3'])
})

test.each([
  ['other names', 'w: x=sum(int32); y=sum(int32)', true],
  ['one other name', 'w: n=sum(int32); y=sum(int32)', true],
  ['names that have changed places', 'w: m=sum(int32); n=sum(int32)', false],
  ['a name in another place', 'w: x=sum(int32); n=sum(int32)', false],
  ['another aggregate', 'w: n=sum(int32); m=max(int32)', false],
  ['one more', 'w: n=sum(int32); m=sum(int32); o=count()', false],
  ['one less', 'w: n=sum(int32)', false],
])('aggregates with %s', (_, fingerprint, isReadable) => {
  const history = marker(['a', 'w: n=sum(int32); m=sum(int32)'])
  const { cleared } = storesOf(part(['a', fingerprint]), history, 'clear')
  expect(cleared).toEqual(isReadable ? [] : [1])
})
