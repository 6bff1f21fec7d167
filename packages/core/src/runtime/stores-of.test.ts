import { expect, test } from 'vitest'
import type { SubTopology } from '../operator/pipeline.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import { storesOf } from './stores-of.ts'

const part = (...stores: [identity: string, fingerprint: string][]): SubTopology =>
  ({ stores: stores.map(([identity, fingerprint]) => ({ identity, fingerprint })) }) as never
const marker = (...stores: [step: string, fingerprint: string][]): EpochMarker =>
  ({ fingerprints: stores.map(([step, fingerprint]) => ({ step, fingerprint })) }) as never
const names = (of: readonly { readonly identity: string }[]) => of.map(({ identity }) => identity)

test('a first start numbers the stores as the plan has them', () => {
  expect(names(storesOf(part(['a', '1'], ['b', '2']), null))).toEqual(['a', 'b'])
})

test('numbers stay: new stores come last, and those that the plan left keep theirs', () => {
  const history = marker(['a', '1'], ['gone', '9'], ['b', '2'])
  const now = part(['new', '3'], ['b', '2'], ['a', '1'])
  expect(names(storesOf(now, history))).toEqual(['a', 'gone', 'b', 'new'])
})

test('a step that cannot read its state is refused, with both and what to do', () => {
  const history = marker(['a', 'tumbling 10s'])
  expect(() => storesOf(part(['a', 'tumbling 20s']), history)).toThrow(
    'PLAN_CHANGED: state "a" was made by "tumbling 10s", and the step is "tumbling 20s" now.',
  )
})
