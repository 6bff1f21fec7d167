/**
 * The exam of serdes.
 *
 * What is written is read back, alone and among others; bad records fail where they stand and
 * harm no other; whether a record is valid does not depend on the columns read.
 */
import type { Batch } from '../../batch/batch.ts'
import type { Column } from '../../batch/column.ts'
import { type Row, rowsOf } from '../../batch/row.ts'
import { MillraceError } from '../../errors.ts'
import type { Schema } from '../../schema/schema.ts'
import type { ByteRanges, ColumnsRead, Decoded, Serde } from '../../serde/serde.ts'
import { sourceBatch } from '../../source/source-batch.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import type { TestHooks } from './test-hooks.ts'

export interface SerdeSamples {
  /** Rows of cells of the serde's schema; at least two. Reading gives equal ones. */
  readonly rows: readonly Row[]
  /** Bytes that are no record, with the failure expected. */
  readonly bad: readonly {
    readonly bytes: Uint8Array
    readonly field?: string
    readonly code?: 'DECODE_FAILED' | 'TIMESTAMP_UNIT' | 'OVERFLOW'
  }[]
  /** Schemas whose rows cannot be written. */
  readonly unwritable?: readonly Schema[]
}

const PLACE = { name: 'exam', partition: 0, firstOffset: 0 }
const GOT_LENGTH_MAX = 100

/** Registers the questions with a test runner. */
export function testSerde(hooks: TestHooks, factory: () => Serde, samples: SerdeSamples): void {
  hooks.describe(`serde ${factory().name}`, () => {
    testRoundTrip(hooks, factory, samples)
    testColumns(hooks, factory, samples)
    testFailures(hooks, factory, samples)
    testRefusals(hooks, factory, samples)
  })
}

function testRoundTrip(
  { test, expect }: TestHooks,
  factory: () => Serde,
  { rows }: SerdeSamples,
): void {
  test('is a frozen description', () => {
    expect(Object.isFrozen(factory())).toBe(true)
    expect(factory().name === '').toBe(false)
  })

  test('gives back what was written, a batch at once and record by record', () => {
    const serde = factory()
    const records = encoded(serde, rows)
    const decoded = decode(serde, 'all', records)
    expect(decoded.failures).toEqual([])
    expect(rowsRead(decoded, rows.length)).toEqual(rows)
    const decoder = serde.decoder('all')
    const one = records.map(record => rowsRead(decoder.decode(ranges([record])), 1)[0])
    expect(one).toEqual(rows)
  })

  test('writes behind what is there, and the same bytes each time', () => {
    const serde = factory()
    const batch = batchOf(serde.schema, rows)
    const encoder = serde.encoder(batch.schema)
    const out = new ByteWriter(1)
    out.text('before')
    for (let i = 0; i < rows.length; i++) encoder.encode(batch, i, out)
    const expected = Buffer.concat([Buffer.from('before'), ...encoded(serde, rows)] as Buffer[])
    expect(out.copy().equals(expected)).toBe(true)
  })

  test('gives null cells and no failure for null values', () => {
    const serde = factory()
    const records = encoded(serde, rows)
    const decoded = decode(serde, 'all', [null, records[0] as Buffer, null])
    expect(decoded.failures).toEqual([])
    const isNull = (index: number): boolean =>
      decoded.columns.every(column => column.get(index) === null) &&
      (decoded.rest === null || decoded.rest.get(index) === null)
    expect(isNull(0) && isNull(2)).toBe(true)
    expect(rowsRead(decoded, 3)[1]).toEqual(rows[0])
  })

  test('gives an empty batch for none', () => {
    const decoded = decode(factory(), 'all', [])
    expect(decoded.failures).toEqual([])
    expect(decoded.columns.map(column => column.length).filter(length => length > 0)).toEqual([])
  })
}

function testColumns(
  { test, expect }: TestHooks,
  factory: () => Serde,
  { rows }: SerdeSamples,
): void {
  test('reads each column alone as it reads all', () => {
    const serde = factory()
    const records = encoded(serde, rows)
    for (const name of namesOf(serde.schema, rows)) {
      const decoded = decode(serde, [name], records)
      expect(decoded.schema.names).toEqual([name])
      const cells = rows.map((_, i) => (decoded.columns[0] as Column).get(i))
      expect(cells).toEqual(rows.map(row => (Object.hasOwn(row, name) ? row[name] : null)))
    }
  })

  test('reads no column when none is asked for', () => {
    const serde = factory()
    const decoded = decode(serde, [], encoded(serde, rows))
    expect(decoded.columns).toEqual([])
    expect(decoded.rest).toBe(null)
    expect(decoded.failures).toEqual([])
  })
}

function testFailures(
  { test, expect }: TestHooks,
  factory: () => Serde,
  { rows, bad }: SerdeSamples,
): void {
  test('fails bad records where they stand and no other', () => {
    const serde = factory()
    const good = encoded(serde, rows)[0] as Buffer
    const records = bad.flatMap(({ bytes }) => [Buffer.from(bytes), good])
    const decoded = decode(serde, 'all', records)
    expect(decoded.failures.map(({ index, field, code }) => ({ index, field, code }))).toEqual(
      bad.map(({ field, code = 'DECODE_FAILED' }, i) => ({ index: 2 * i, field, code })),
    )
    const read = rowsRead(decoded, records.length)
    expect(read.filter((_, i) => i % 2 === 1)).toEqual(bad.map(() => rows[0]))
    for (const { expected, got } of decoded.failures) {
      expect(expected !== '' && got !== '' && got.length <= GOT_LENGTH_MAX).toBe(true)
    }
  })

  test('fails the same records whatever columns are read', () => {
    const serde = factory()
    const records = [...bad.map(({ bytes }) => Buffer.from(bytes)), ...encoded(serde, rows)]
    const { failures } = decode(serde, 'all', records)
    expect(decode(serde, [], records).failures).toEqual(failures)
    for (const name of namesOf(serde.schema, rows)) {
      expect(decode(serde, [name], records).failures).toEqual(failures)
    }
  })

  test('never throws, whatever the bytes', () => {
    const serde = factory()
    const good = encoded(serde, rows)
    const spoilt = good.flatMap((record, i) => {
      const flipped = Buffer.from(record)
      if (flipped.length > 0) flipped[i % flipped.length] = 0xff
      return [record.subarray(0, record.length / 2), flipped, Buffer.concat([record, record])]
    })
    const noise = Array.from({ length: 64 }, (_, i) => Buffer.from([i * 4, 255 - i, i]))
    const records = [...spoilt, ...noise, ...good]
    const decoded = decode(serde, 'all', records)
    const indices = decoded.failures.map(failure => failure.index)
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b))
    expect(rowsRead(decoded, records.length).slice(-good.length)).toEqual(rows)
  })
}

function testRefusals(
  { test, expect }: TestHooks,
  factory: () => Serde,
  { unwritable = [] }: SerdeSamples,
): void {
  test('refuses schemas it cannot write when the encoder is made', () => {
    const codes = unwritable.map(schema => {
      try {
        factory().encoder(schema)
        return 'no error'
      } catch (error) {
        return MillraceError.is(error) ? error.code : 'an error of another kind'
      }
    })
    expect(codes).toEqual(unwritable.map(() => 'SCHEMA_MISMATCH'))
  })
}

function batchOf(schema: Schema, rows: readonly Row[]): Batch {
  const records = rows.map(value => ({ value }))
  return sourceBatch(records, schema, 'all', PLACE)
}

function encoded(serde: Serde, rows: readonly Row[]): Buffer[] {
  const batch = batchOf(serde.schema, rows)
  const encoder = serde.encoder(batch.schema)
  return rows.map((_, index) => {
    const out = new ByteWriter()
    encoder.encode(batch, index, out)
    return out.copy()
  })
}

function decode(serde: Serde, read: ColumnsRead, records: readonly (Buffer | null)[]): Decoded {
  return serde.decoder(read).decode(ranges(records))
}

/** The records in one buffer with other bytes between them. */
function ranges(records: readonly (Buffer | null)[]): ByteRanges {
  const between = Buffer.from('"}')
  const start: number[] = []
  let size = 0
  for (const record of records) {
    start.push(size + between.length)
    size += between.length + (record?.length ?? 0)
  }
  return {
    count: records.length,
    data: Buffer.concat(records.flatMap(record => [between, record ?? Buffer.alloc(0)])),
    start: Int32Array.from(start),
    size: Int32Array.from(records, record => record?.length ?? -1),
  }
}

function rowsRead(decoded: Decoded, count: number): Row[] {
  const { records } = batchOf(decoded.schema, new Array<Row>(count).fill({}))
  const { schema, columns, rest } = decoded
  const batch = { schema, columns, rest, records, selection: null }
  const rowAt = rowsOf(batch as unknown as Batch)
  return Array.from({ length: count }, (_, index) => rowAt(index))
}

function namesOf(schema: Schema, rows: readonly Row[]): string[] {
  return schema.isOpen ? [...new Set(rows.flatMap(row => Object.keys(row)))] : [...schema.names]
}
