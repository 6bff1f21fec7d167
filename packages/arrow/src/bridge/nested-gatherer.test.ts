import { columnOf, Schema, t } from '@millrace/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indicesOf, randomBatch } from '../../test/random-batch.ts'
import { batchOfColumns } from '../ipc/ipc-rows.ts'
import { BatchGatherer } from './batch-gatherer.ts'

const Nested = new Schema([
  { name: 'l', type: t.list(t.struct({ n: t.int32(), s: t.string() })).nullable() },
])
const rows = [
  [{ n: 1, s: 'a' }],
  null,
  [],
  [
    { n: 2, s: 'bb' },
    { n: 3, s: '' },
  ],
]
const batch = batchOfColumns(Nested, [columnOf(Nested.typeOf('l'), rows)], 4)

test('a list is where its elements end, its elements one behind the other', () => {
  const gatherer = new BatchGatherer(Nested)
  gatherer.append(batch, Int32Array.of(0, 1, 2, 3), 0, 4)
  const [list] = gatherer.take().columns
  expect([...(list?.offsets ?? [])]).toEqual([0, 1, 1, 1, 3])
  expect(list).toMatchObject({ length: 4, nullCount: 1 })
  expect((list?.validity[0] ?? 0) & 0b1111).toBe(0b1101)
  const [struct] = list?.children ?? []
  expect(struct).toMatchObject({ length: 3, nullCount: 0 })
  expect([...(struct?.children?.[0]?.values ?? [])]).toEqual([1, 2, 3])
  expect([...(struct?.children?.[1]?.offsets ?? [])]).toEqual([0, 1, 3, 3])
})

test('what is forgotten is as if it had never been given', () => {
  fc.assert(
    fc.property(randomBatch(['list', 'struct']), fc.nat(40), ({ batch: random }, nth) => {
      const indices = indicesOf(random)
      const kept = Math.min(nth, indices.length)
      const [whole, part] = [new BatchGatherer(random.schema), new BatchGatherer(random.schema)]
      whole.append(random, indices, 0, kept)
      part.append(random, indices, 0, indices.length)
      part.truncate(kept)
      part.append(random, indices, 0, indices.length)
      part.truncate(kept)
      expect(part.take()).toEqual(whole.take())
    }),
  )
})

test('what is never null in a struct has no nulls where the struct is null', () => {
  const Pair = new Schema([
    { name: 's', type: t.struct({ n: t.int32(), m: t.int32().nullable() }).nullable() },
  ])
  const cells = [{ n: 1, m: null }, null, { n: 3, m: 4 }]
  const pairs = batchOfColumns(Pair, [columnOf(Pair.typeOf('s'), cells)], 3)
  const gatherer = new BatchGatherer(Pair)
  gatherer.append(pairs, Int32Array.of(0, 1, 2), 0, 3)
  const [struct] = gatherer.take().columns
  expect(struct?.nullCount).toBe(1)
  expect(struct?.children?.map(({ nullCount }) => nullCount)).toEqual([0, 2])
  expect(struct?.children?.[0]?.validity).toHaveLength(0)
})
