import { columnOf, filesSink, memoryStore, type ObjectStore, schema, t } from '@millrace/core'
import { testSink } from '@millrace/core/testing'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, test } from 'vitest'
import { indicesOf, randomBatch } from '../../test/random-batch.ts'
import { batchOfColumns } from '../ipc/ipc-rows.ts'
import { type ParquetCompression, parquet } from './parquet-format.ts'

const fileOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

async function idsIn(store: ObjectStore): Promise<string[]> {
  const names = (await store.list('')).filter(name => !name.startsWith('.'))
  const ids: string[] = []
  for (const name of names) {
    const file = fileOf((await store.get(name, 0, 1e9)) as Uint8Array)
    for (const row of await parquetReadObjects({ file, compressors })) ids.push(row['id'])
  }
  return ids
}

testSink({ describe, test, expect }, () => {
  const store = memoryStore()
  return {
    definition: filesSink(store, { format: parquet() }),
    visible: () => idsIn(store),
  }
})

const COMPRESSIONS: ParquetCompression[] = ['none', 'snappy', 'gzip', 'zstd']

test.each(COMPRESSIONS)('another reader gets the same cells: %s', async compression => {
  const kinds = ['string', 'int32', 'int64', 'float64', 'boolean'] as const
  const format = parquet({ compression })
  await fc.assert(
    fc.asyncProperty(randomBatch(kinds), async ({ batch, rows }) => {
      const indices = indicesOf(batch)
      fc.pre(indices.length > 0)
      const writer = format.writer(batch.schema)
      if ('row' in writer) throw new Error('it fills whole files')
      writer.write(batch, indices, { from: 0, to: indices.length, bytesMax: 1e9 })
      expect(writer.size).toBeGreaterThan(0)
      const file = fileOf(writer.end())
      expect(writer.size).toBe(0)
      expect(await parquetReadObjects({ file, compressors })).toEqual(rows)
    }),
    { numRuns: 20 },
  )
})

test('rows are in groups of the size that was asked for', () => {
  const format = parquet({ rowGroupRowsMax: 4 })
  const Row = schema({ n: t.int32() })
  const numbers = Array.from({ length: 10 }, (_, n) => n)
  const batch = batchOfColumns(Row, [columnOf(Row.typeOf('n'), numbers)], 10)
  const writer = format.writer(Row)
  if ('row' in writer) throw new Error('it fills whole files')
  writer.write(batch, indicesOf(batch), { from: 0, to: 10, bytesMax: 1e9 })
  const { row_groups } = parquetMetadata(fileOf(writer.end()))
  expect(row_groups.map(group => Number(group.num_rows))).toEqual([4, 4, 2])
})

test('options that mean nothing are refused', () => {
  expect(() => parquet({ compression: 'brotli' as 'gzip' })).toThrow('INVALID_ARGUMENT')
  expect(() => parquet({ rowGroupRowsMax: 0 })).toThrow('INVALID_ARGUMENT')
})
