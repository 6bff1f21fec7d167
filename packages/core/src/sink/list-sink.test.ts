import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { testSink } from '../testing/conformance/sink.ts'
import { listSink } from './list-sink.ts'

const hooks = { describe, test, expect }
const PLACE = { name: 'test', partition: 0, firstOffset: 0 }

testSink(hooks, () => {
  const definition = listSink<{ id: string }>()
  return { definition, visible: () => definition.rows.map(row => row.id) }
})
testSink(
  hooks,
  () => {
    const definition = listSink<{ id: string }>({ visible: 'write' })
    return { definition, visible: () => definition.rows.map(row => row.id) }
  },
  { isTwoPhase: false },
)

test('rows are plain objects with cells as the schema says', async () => {
  const results = listSink()
  const sink = results.create('0/0')
  const Row = schema({ n: t.int64(), note: t.string().nullable() })
  await sink.write(sourceBatch([{ value: { n: 1n, note: null } }], Row, 'all', PLACE))
  await sink.write(sourceBatch([{ value: { any: { deep: 1 } } }], OPEN_SCHEMA, 'all', PLACE))
  await sink.commit(1, await sink.prepare(1))
  expect(results.rows).toEqual([{ n: 1n, note: null }, { any: { deep: 1 } }])
})

test('at write, rows are there at once and stay when the epoch is given up', async () => {
  const results = listSink({ visible: 'write' })
  const sink = results.create('0/0')
  await sink.write(sourceBatch([{ value: { a: 1 } }], OPEN_SCHEMA, 'all', PLACE))
  expect(results.rows).toEqual([{ a: 1 }])
  await sink.abort(1)
  expect(results.rows).toEqual([{ a: 1 }])
  expect(await sink.prepare(1)).toBe(null)
})
