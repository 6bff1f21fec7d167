import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { examBatch } from './exam-batch.ts'

test('has what makes records awkward', () => {
  const rows = Array.from({ length: 8 }, (_, n) => (n === 3 ? null : { n }))
  const batch = examBatch(schema({ n: t.int32() }), rows)
  expect(batch.count).toBe(8)
  expect(batch.isTombstone(3)).toBe(true)
  expect(batch.records.keys.isNull(6)).toBe(true)
  expect([...batch.records.offsets]).toEqual([100, 101, 102, 103, 105, 106, 107, 108])
  expect([...batch.records.timestamps]).not.toEqual([...batch.records.timestamps].sort())
  expect(batch.headers(0)).not.toEqual(batch.headers(1))
})
