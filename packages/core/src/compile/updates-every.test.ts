import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { lateNode } from '../plan/late.ts'
import { sourceNode } from '../plan/source.ts'
import { updatesNode } from '../plan/updates.ts'
import { windowNode } from '../plan/window.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { updatesEvery } from './updates-every.ts'

const onError = fail()
const source = fromArray([], { schema: schema({ n: t.int32() }) })
const input = sourceNode({ kind: 'source', source, timestamp: null, disorderMs: 0, onError })
const counts = (size: number) =>
  windowNode(input, {
    window: tumbling(size),
    groupColumns: [],
    aggregates: [{ name: 'n', aggregate: COUNT, input: null, type: t.int32() }],
    name: null,
    onError,
  })

test('is what those who read the updates of the window ask for', () => {
  const [node, other] = [counts(1_000), counts(2_000)]
  expect(updatesEvery(node, [node, lateNode(node), updatesNode(other, 7)])).toBe(null)
  expect(updatesEvery(node, [updatesNode(node, 5), updatesNode(node, 5)])).toBe(5)
  expect(() => updatesEvery(node, [updatesNode(node, 5), updatesNode(node, 0)])).toThrow(
    'INVALID_PLAN: the windows of agg#1 give updates at different times.',
  )
})
