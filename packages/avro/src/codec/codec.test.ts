/** Generated schemas, changes of them and values: the generated scan against the clear decoder. */
import { type Batch, ByteWriter, type Decoded, type Schema } from '@millrace/core'
import { expect, test } from 'vitest'
import { batchOf, batchOfRows } from '../../test/batch-of.ts'
import { SchemaChanger } from '../../test/changed-schema.ts'
import { Coverage } from '../../test/coverage.ts'
import { SchemaMaker } from '../../test/generated-schema.ts'
import { generatedValue } from '../../test/generated-value.ts'
import { Random } from '../../test/random.ts'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder, type ColumnDecoderOptions, schemaOf } from './column-decoder.ts'
import { columnEncoder } from './column-encoder.ts'
import { ValueBuffer } from './value-buffer.ts'
import { EXACT_FORM, type ValueForm } from './value-form.ts'
import { ValueWriters } from './value-writer.ts'

const FORMS: readonly ValueForm[] = [
  EXACT_FORM,
  { long: 'number', time: 'milliseconds' },
  { long: 'bigint', time: 'milliseconds' },
]

function encodedClearly(schema: AvroSchema, values: readonly unknown[]): Buffer[] {
  const write = new ValueWriters(EXACT_FORM).top(schema.type)
  return values.map(value => {
    const out = new ValueBuffer()
    write(value, out)
    return Buffer.from(out.view())
  })
}

function ranges(records: readonly Buffer[]) {
  const start: number[] = []
  let at = 3
  for (const record of records) {
    start.push(at)
    at += record.length + 1
  }
  const parts = records.flatMap(record => [record, Buffer.from([0x80])])
  return {
    count: records.length,
    data: Buffer.concat([Buffer.alloc(3, 0xff), ...parts]),
    start: Int32Array.from(start),
    size: Int32Array.from(records, record => record.length),
  }
}

function decode(options: ColumnDecoderOptions, writer: AvroSchema, records: readonly Buffer[]) {
  const decoding = new ColumnDecoder(options).begin(ranges(records))
  decoding.scan(writer, 0, records.length)
  return decoding.end()
}

/** All cells, with the sign of zero and NaN told apart from others. */
function cellsOf({ columns, rest, failures, schema }: Decoded, count: number) {
  const indices = Array.from({ length: count }, (_, i) => i)
  return {
    schema: `${schema}`,
    failures,
    columns: columns.map(column => indices.map(i => column.get(i))),
    nulls: columns.map(column => indices.map(i => column.isNull(i))),
    rest: rest === null ? null : indices.map(i => rest.get(i)),
  }
}

function encoded(writer: AvroSchema, batch: Batch): string[] {
  const encoder = columnEncoder(writer, batch.schema)
  return Array.from({ length: batch.length }, (_, index) => {
    const out = new ByteWriter()
    encoder.encode(batch, index, out)
    return out.copy().toString('hex')
  })
}

interface Case {
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly values: readonly unknown[]
  readonly records: readonly Buffer[]
  readonly random: Random
}

function makeCase(seed: number, coverage: Coverage): Case | null {
  const random = new Random(seed)
  const maker = new SchemaMaker(random, { hasLogical: true, coverage })
  const json = random.chance(0.9) ? maker.record() : maker.type(2)
  const writer = parseSchema(json)
  const values = Array.from({ length: 5 }, () => generatedValue(writer.type, random))
  const records = encodedClearly(writer, values)
  try {
    const reader = parseSchema(new SchemaChanger(random, coverage).change(json))
    return { writer, reader, values, records, random }
  } catch {
    // The change left a name without its type.
    return null
  }
}

function mutated(record: Buffer, random: Random): Buffer {
  const copy = Buffer.from(record)
  switch (random.below(4)) {
    case 0:
      return copy.subarray(0, random.below(copy.length + 1))
    case 1:
      return Buffer.concat([copy, Buffer.from([random.below(256)])])
    default:
      for (let i = 0; i <= random.below(3) && copy.length > 0; i++) {
        copy[random.below(copy.length)] = random.chance(0.3) ? 0xff : random.below(256)
      }
      return copy
  }
}

function namesRead(schema: Schema, random: Random): readonly string[] {
  return random.shuffled(schema.names).slice(0, random.below(schema.names.length + 1))
}

test('the generated scan equals the clear decoder, for every column read', () => {
  const coverage = new Coverage()
  let count = 0
  for (let seed = 1; seed <= 600; seed++) {
    const made = makeCase(seed, coverage)
    if (made === null) continue
    count++
    const { writer, reader, random } = made
    const records = [...made.records, ...made.records.map(record => mutated(record, random))]
    const form = random.pick(FORMS)
    for (const [schema, of] of [
      [writer, writer],
      [reader, writer],
      [null, writer],
    ] as const) {
      const all = decode({ reader: schema, read: 'all', form }, of, records)
      const clear = { reader: schema, read: 'all', form, generates: false } as const
      expect(cellsOf(all, records.length), `seed ${seed}`).toEqual(
        cellsOf(decode(clear, of, records), records.length),
      )
      const read = namesRead(schemaOf(schema ?? writer, form), random)
      const some = decode({ reader: schema, read, form }, of, records)
      expect(some.failures, `seed ${seed}`).toEqual(all.failures)
      if (schema === null) continue
      for (const [i, name] of read.entries()) {
        const whole = cellsOf(all, records.length).columns[all.schema.indexOf(name)]
        expect(cellsOf(some, records.length).columns[i], `seed ${seed} ${name}`).toEqual(whole)
      }
    }
  }
  expect(count).toBeGreaterThan(500)
}, 120_000)

test('what is written is read back, by columns and by values', () => {
  const coverage = new Coverage()
  for (let seed = 10_000; seed < 10_500; seed++) {
    const { writer, values, records } = makeCase(seed, coverage) ?? {}
    if (writer === undefined || values === undefined || records === undefined) continue
    const decoded = decode({ reader: writer, read: 'all' }, writer, records)
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

test('100,000 mutated inputs neither crash nor hang', () => {
  const coverage = new Coverage()
  let count = 0
  for (let seed = 20_000; count < 100_000; seed++) {
    const made = makeCase(seed, coverage)
    if (made === null) continue
    const { writer, reader, records, random } = made
    const spoilt = Array.from({ length: 250 }, () => mutated(random.pick(records), random))
    const decoded = decode({ reader, read: 'all' }, writer, spoilt)
    for (const column of decoded.columns) for (let i = 0; i < spoilt.length; i++) column.get(i)
    count += spoilt.length
  }
}, 120_000)
