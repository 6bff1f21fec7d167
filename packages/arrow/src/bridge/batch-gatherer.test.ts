import { columnOf, rowsOf, schema, t } from '@millrace/core'
import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indicesOf, type RandomBatch, randomBatch } from '../../test/random-batch.ts'
import { batchMessage, dictionaryMessage } from '../ipc/ipc-messages.ts'
import { IpcOutput } from '../ipc/ipc-output.ts'
import { batchOfColumns, readIpc } from '../ipc/ipc-rows.ts'
import { BatchGatherer } from './batch-gatherer.ts'

/** The batches gathered one after the other, as one record batch in a stream. */
function streamOf(batches: readonly RandomBatch[], dictionary: readonly string[] = []): Buffer {
  const [first] = batches as [RandomBatch]
  const gatherer = new BatchGatherer(first.batch.schema, { dictionary })
  for (const { batch } of batches) {
    const indices = indicesOf(batch)
    const half = indices.length >>> 1
    gatherer.append(batch, indices, 0, half)
    gatherer.append(batch, indices, half, indices.length)
  }
  const gathered = batchMessage(gatherer.take(), null)
  const dictionaries = gatherer
    .takeDictionaries()
    .map((values, id) => dictionaryMessage(id, values, null))
  const output = new IpcOutput(dictionaries.length > 0 ? 'file' : 'stream', gatherer.schema)
  output.add(gathered)
  return output.end(dictionaries)
}

function rowsIn(bytes: Buffer, of: RandomBatch): object[] {
  const { schema: found, batches } = readIpc(bytes, undefined, 'test')
  expect(String(found)).toBe(String(of.batch.schema))
  return batches.flatMap(({ columns, length }) => {
    const rowAt = rowsOf(batchOfColumns(found, columns, length))
    return Array.from({ length }, (_, i) => rowAt(i))
  })
}

test('any rows come back, those that are selected and no tombstones', () => {
  fc.assert(
    fc.property(randomBatch(), sample => {
      const stream = streamOf([sample, sample])
      expect(rowsIn(stream, sample)).toEqual([...sample.rows, ...sample.rows])
    }),
    { numRuns: 300 },
  )
})

test('apache-arrow reads the same numbers and texts', () => {
  fc.assert(
    fc.property(randomBatch(['string', 'int32', 'int64', 'float64', 'boolean']), sample => {
      const table = tableFromIPC(streamOf([sample]))
      const rows = table.toArray().map(row => row?.toJSON())
      expect(rows).toEqual(sample.rows)
    }),
    { numRuns: 100 },
  )
})

test('texts of a dictionary come back, each stored once', () => {
  fc.assert(
    fc.property(randomBatch(['string']), sample => {
      const names = [...sample.batch.schema.names].reverse()
      const bytes = streamOf([sample, sample], names)
      expect(rowsIn(bytes, sample)).toEqual([...sample.rows, ...sample.rows])
      const { schema: arrow } = tableFromIPC(bytes)
      expect(arrow.dictionaries.size).toBe(names.length)
    }),
    { numRuns: 100 },
  )
  const many = Array.from({ length: 2_000 }, (_, i) => `value ${i % 700}`)
  const Row = schema({ c0: t.string() })
  const gatherer = new BatchGatherer(Row, { dictionary: ['c0'] })
  const column = columnOf(t.string(), many)
  const all = Int32Array.from(many, (_, i) => i)
  gatherer.append(batchOfColumns(Row, [column], many.length), all, 0, many.length)
  expect(gatherer.take().columns[0]?.values).toEqual(Int32Array.from(many, (_, i) => i % 700))
  expect(gatherer.takeDictionaries()[0]?.length).toBe(700)
})

test('rows that can not be written leave nothing of themselves', () => {
  const Row = schema({ n: t.float64(), any: t.json().nullable() })
  const batch = batchOfColumns(
    Row,
    [columnOf(Row.typeOf('n'), [1, 2]), columnOf(Row.typeOf('any'), [{ a: 1 }, { a: Number.NaN }])],
    2,
  )
  const gatherer = new BatchGatherer(Row)
  const both = Int32Array.of(0, 1)
  gatherer.append(batch, both, 0, 1)
  expect(() => gatherer.append(batch, both, 0, 2)).toThrow('ENCODE_FAILED')
  gatherer.append(batch, both, 0, 1)
  const output = new IpcOutput('stream', gatherer.schema)
  output.add(batchMessage(gatherer.take(), null))
  const [read] = readIpc(output.end([]), undefined, 'test').batches
  expect([0, 1].map(i => read?.columns.map(column => column.get(i)))).toEqual([
    [1, { a: 1 }],
    [1, { a: 1 }],
  ])
})
