import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { testSource } from '../testing/conformance/source.ts'
import { partitionOfKey } from '../util/murmur2.ts'
import { fromArray } from './array-source.ts'
import type { Source, SourceRecord } from './source.ts'

const hooks = { describe, test, expect }
const Purchase = schema({ user: t.string(), n: t.int64(), at: t.timestamp() })
const ROWS = Array.from({ length: 23 }, (_, n) => ({
  user: `user ${n % 5}`,
  n,
  at: new Date(Date.UTC(2026, 0, 1 + n)),
}))

testSource(hooks, () => fromArray(ROWS))
testSource(hooks, () => fromArray(ROWS, { schema: Purchase, timestamp: 'at', key: 'user' }))
testSource(hooks, () => fromArray(ROWS, { schema: Purchase, partitions: 4 }))
testSource(hooks, () => fromArray(ROWS, { key: 'user', partitions: 4 }))

async function read(source: Source, partition = 0): Promise<readonly SourceRecord[]> {
  const reader = await source.open(partition, null)
  return (await reader.read(1_000)).records
}

test('gives checked rows with time and key', async () => {
  const source = fromArray(ROWS, { schema: Purchase, timestamp: 'at', key: 'user' })
  expect((await read(source))[1]).toEqual({
    value: { user: 'user 1', n: 1n, at: Date.UTC(2026, 0, 2) },
    key: Buffer.from('user 1'),
    timestamp: Date.UTC(2026, 0, 2),
  })
})

test('without a schema rows are open', async () => {
  const source = fromArray([{ a: 1 }, { b: 'x' }])
  expect(source.schema).toBe(OPEN_SCHEMA)
  expect(await read(source)).toEqual([{ value: { a: 1 } }, { value: { b: 'x' } }])
})

test('keeps the array as it was declared', async () => {
  const rows = [{ a: 1 }]
  const source = fromArray(rows)
  rows.push({ a: 2 })
  expect(await read(source)).toHaveLength(1)
})

test('puts equal keys where Kafka would, and rows without a key in turn', async () => {
  const keyed = fromArray(ROWS, { key: 'user', partitions: 3 })
  for (let partition = 0; partition < 3; partition++) {
    for (const { key } of await read(keyed, partition)) {
      expect(partitionOfKey(key as Uint8Array, 0, (key as Uint8Array).length, 3)).toBe(partition)
    }
  }
  const inTurn = fromArray(ROWS, { partitions: 3 })
  const numbers = (await read(inTurn, 1)).map(({ value }) => value['n'])
  expect(numbers).toEqual([1, 4, 7, 10, 13, 16, 19, 22])
})

test('a bad row is named after the good ones before it are given', async () => {
  const rows = [{ user: 'a' }, { user: 'b' }, { user: 5 }, { user: 'd' }]
  const reader = await fromArray(rows, { schema: schema({ user: t.string() }) }).open(0, null)
  expect((await reader.read(10)).records).toHaveLength(2)
  const message = 'DECODE_FAILED: row 2 of the array: expected text, got 5.'
  await expect(reader.read(10)).rejects.toThrow(message)
  await expect(reader.read(10)).rejects.toThrow(message)
})

test('times in seconds are refused, naming the unit', async () => {
  const source = fromArray([{ at: 1_785_578_400 }], { schema: schema({ at: t.timestamp() }) })
  await expect(read(source)).rejects.toThrow("t.timestamp({ unit: 's' })")
})

test('mistakes are thrown where they are written', () => {
  expect(() => fromArray('rows' as never)).toThrow('fromArray takes an array of rows; got "rows"')
  expect(() => fromArray([], { partitions: 0 })).toThrow('a whole number above 0; got 0')
  expect(() => fromArray([], { schema: Purchase, key: 'usr' })).toThrow('Did you mean "user"?')
})
