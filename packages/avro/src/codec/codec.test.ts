/** Generated schemas, changes of them and values: the generated scan against the clear decoder. */
import { type Batch, ByteWriter } from '@millrace/core'
import { expect, test } from 'vitest'
import { batchOf, batchOfRows } from '../../test/batch-of.ts'
import { cellsOf, codecCase, decodedBy, differenceIn, scanTrials } from '../../test/codec-case.ts'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { columnEncoder } from './column-encoder.ts'

function encoded(writer: AvroSchema, batch: Batch): string[] {
  const encoder = columnEncoder(writer, batch.schema)
  return Array.from({ length: batch.length }, (_, index) => {
    const out = new ByteWriter()
    encoder.encode(batch, index, out)
    return out.copy().toString('hex')
  })
}

test('the generated scan equals the clear decoder, and leaves it no valid record', () => {
  let failures: unknown = null
  for (const trial of scanTrials(1, 300)) {
    expect(differenceIn(trial), `seed ${trial.seed}`).toBe(null)
    // Whether a record is valid does not depend on the columns read.
    const { failures: same } = trial.want
    if (trial.options.read === 'all') failures = same
    else expect(same, `seed ${trial.seed}`).toEqual(failures)
  }
}, 120_000)

test('what is written is read back, by columns and by values', () => {
  for (let seed = 10_000; seed < 10_300; seed++) {
    const { writer, values, records } = codecCase(seed) ?? {}
    if (writer === undefined || values === undefined || records === undefined) continue
    const decoded = decodedBy({ reader: writer, read: 'all' }, writer, records)
    expect(decoded.failures).toEqual([])
    const rows = (writer.type.kind === 'record' ? values : values.map(value => ({ value }))) as {
      [name: string]: unknown
    }[]
    const cells = decoded.schema.names.map(name => rows.map(row => row[name]))
    expect(cellsOf(decoded, rows.length).columns, `seed ${seed}`).toEqual(cells)
    const written = records.map(record => record.toString('hex'))
    // From the columns that were read, and from columns made of rows.
    const { schema, columns } = decoded
    expect(encoded(writer, batchOf(schema, columns, rows.length)), `seed ${seed}`).toEqual(written)
    expect(encoded(writer, batchOfRows(schema, rows)), `seed ${seed}`).toEqual(written)
  }
})
