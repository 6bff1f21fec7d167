import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { csv } from './csv-format.ts'
import type { RowWriter } from './file-format.ts'
import { RowFile } from './row-file.ts'

const Row = schema({ n: t.float64() })
const batch = sourceBatch(
  [1, 2, 3, 4].map(n => ({ value: { n } })),
  Row,
  'all',
  { name: 'test', partition: 0, firstOffset: 0 },
)

test('takes the rows named until the file has its bytes, and begins each file anew', () => {
  const file = new RowFile(csv().writer(Row) as RowWriter)
  const indices = Int32Array.of(0, 2, 3)
  expect(file.size).toBe(0)
  const next = file.write(batch, indices, { from: 0, to: 3, bytesMax: 5 })
  expect(next).toBe(2)
  expect(Buffer.from(file.end()).toString()).toBe('n\n1\n3\n')
  expect(file.write(batch, indices, { from: next, to: 3, bytesMax: 5 })).toBe(3)
  expect(Buffer.from(file.end()).toString()).toBe('n\n4\n')
  file.write(batch, indices, { from: 0, to: 1, bytesMax: 100 })
  file.reset()
  expect(file.size).toBe(0)
})
