import { expect, test } from 'vitest'
import { isKept, type SubTopology } from './pipeline.ts'

test('state is kept of topics, and where it goes on of a source that is resumed', () => {
  const part = (input: object, ...stores: object[]) => ({ input, stores }) as never as SubTopology
  const store = { identity: 'sums', fingerprint: 'f' }
  expect(isKept(part({ kind: 'topic' }))).toBe(false)
  expect(isKept(part({ kind: 'topic' }, store))).toBe(true)
  expect(isKept(part({ kind: 'repartition' }, store))).toBe(true)
  expect(isKept(part({ kind: 'local', resume: null }, store))).toBe(false)
  expect(isKept(part({ kind: 'local', resume: 'rows' }))).toBe(true)
})
