import { rmSync } from 'node:fs'
import { Application, memoryStore, type Row, type Source, schema, t } from '@millrace/core'
import { testSource } from '@millrace/core/testing'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fileBytes, folderOf } from '../../test/files-of.ts'
import { parquet } from '../files/parquet-format.ts'
import { fromParquet } from './parquet-source.ts'

const Row_ = schema({
  to: t.string().nullable(),
  n: t.int32(),
  large: t.int64(),
  real: t.float64(),
  yes: t.boolean(),
  at: t.timestamp({ unit: 'ms' }),
  data: t.bytes(),
})
const rows: Row[] = Array.from({ length: 10 }, (_, i) => ({
  to: i % 3 === 0 ? null : `to ${i}`,
  n: i,
  large: 2n ** 62n + BigInt(i),
  real: i / 7,
  yes: i % 2 === 0,
  at: 1.7e12 + i,
  data: Buffer.from([i]),
}))
const format = parquet({ rowGroupRowsMax: 3 })
const folder = folderOf({
  'a.parquet': fileBytes(format, Row_, rows.slice(0, 7)),
  'b.parquet': fileBytes(parquet({ compression: 'zstd' }), Row_, rows.slice(7)),
})
afterAll(() => rmSync(folder, { recursive: true }))

const collected = (source: Source): Promise<Row[]> =>
  new Application({ id: 'read' }).dataframe(source).collect() as Promise<Row[]>

const exam = await fromParquet(folder, { timestamp: 'at', key: 'to' })
testSource({ describe, test, expect }, () => exam)

test('rows of all files come in the order of their names, with their types', async () => {
  const source = await fromParquet(folder)
  expect(String(source.schema)).toBe(String(Row_))
  const found = await collected(source)
  expect(found.map(row => ({ ...row, data: Buffer.from(row['data'] as Uint8Array) }))).toEqual(rows)
})

test('row groups without a value between the bounds are passed over', async () => {
  const ns = async (between: Record<string, [number, number]>) =>
    (await collected(await fromParquet(folder, { between }))).map(({ n }) => n)
  expect(await ns({ n: [4, 4] })).toEqual([3, 4, 5])
  expect(await ns({ n: [20, 30] })).toEqual([])
  expect(await ns({ real: [0, 0.1] })).toEqual([0, 1, 2])
  expect(await ns({ at: [1.7e12 + 7, 1.8e12] })).toEqual([6, 7, 8, 9].filter(n => n > 6))
  await expect(ns({ x: [0, 1] })).rejects.toThrow('UNKNOWN_COLUMN')
})

test('only the columns that the plan reads are read', async () => {
  const frame = new Application({ id: 'read' }).dataframe(await fromParquet(folder))
  expect((await frame.select('n').collect())[4]).toEqual({ n: 4 })
})

test('damage is an error with the name of the file, and nothing else', async () => {
  const bytes = fileBytes(format, Row_, rows)
  const outcome = async (damaged: Buffer): Promise<string> => {
    const store = memoryStore()
    await store.put('x.parquet', damaged)
    try {
      await collected(await fromParquet({ store }))
      return 'read'
    } catch (error) {
      return (error as { code?: string }).code ?? `${error}`
    }
  }
  for (let size = 0; size < bytes.length; size += 61) {
    expect(await outcome(bytes.subarray(0, size))).toBe('SOURCE_FAILED')
  }
  const codes = ['read', 'SOURCE_FAILED', 'SCHEMA_MISMATCH', 'DECODE_FAILED', 'OVERFLOW']
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(bytes)
      damaged[at] = value
      expect([...codes, 'DUPLICATE_COLUMN', 'TIMESTAMP_UNIT']).toContain(await outcome(damaged))
    }),
    { numRuns: 100 },
  )
})
