/**
 * Records of a topic as a test writes and reads them: rows and keys, by the serdes of the topic.
 *
 * Used by the test driver on both ends of a pipeline; what goes in between are bytes, as on Kafka.
 */
import type { Topic } from '../api/topic.ts'
import { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import type { Header, Headers } from '../record/headers.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import type { Schema } from '../schema/schema.ts'
import type { ByteRanges, Decoded, Decoder } from '../serde/serde.ts'
import type { RecordToAppend, StoredRecord } from '../transport/in-memory/in-memory-broker.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { batchOfRows } from './batch-of-rows.ts'

/** A record as `TestDriver.feed` takes it. */
export interface RecordToFeed<Row_ = Record<string, unknown>> {
  /**
   * For the key serde of the topic; without one, text (as UTF-8) or bytes. Default: the value's
   * `keyColumn` where the topic has one, else null.
   */
  readonly key?: unknown
  /** A row; null = a tombstone; bytes are written as they are, whatever the topic expects. */
  readonly value: Row_ | Uint8Array | null
  /** Epoch milliseconds; default: the time of the driver's clock. */
  readonly timestamp?: number
  /** Default: by the key, as Kafka's producers choose; records without a key go round. */
  readonly partition?: number
  /** An object of name and text or bytes, or a list where names repeat. */
  readonly headers?: Headers | Readonly<Record<string, string | Uint8Array>>
}

/** The record in bytes. */
interface EncodedRecord extends RecordToAppend {
  readonly key: Uint8Array | null
}

/** A record as `TestDriver.read` gives it. */
export interface RecordRead<Row_ = Record<string, unknown>> {
  /** By the key serde of the topic; bytes where it has none. */
  readonly key: unknown
  /** Null = a tombstone. */
  readonly value: Row_ | null
  readonly timestamp: number
  readonly partition: number
  readonly offset: number
  readonly headers: Headers
}

/** The record as bytes. @throws ENCODE_FAILED when its row or key does not fit the topic. */
export function encodeRecord(topic: Topic, record: RecordToFeed<unknown>): EncodedRecord {
  const { value, timestamp, headers } = record
  return {
    key: encodeKey(topic, record),
    value: value === null || value instanceof Uint8Array ? value : encodeRow(topic, value as Row),
    ...(timestamp !== undefined && { timestamp }),
    ...(headers !== undefined && { headers: headerList(headers) }),
  }
}

function encodeKey(topic: Topic, { key, value }: RecordToFeed<unknown>): Uint8Array | null {
  const { key: serde, keyColumn } = topic.definition
  const isRow = value !== null && !(value instanceof Uint8Array)
  const inRow = keyColumn !== null && isRow ? ownValue(value as Row, keyColumn) : null
  const given = key === undefined ? inRow : key
  if (given === null || given === undefined) return null
  if (serde === null) {
    if (given instanceof Uint8Array) return given
    if (typeof given === 'string') return Buffer.from(given, 'utf8')
    throw unfit(topic, 'a key is text or bytes, as the topic has no key serde')
  }
  const out = new ByteWriter()
  serde.encodeCell(given as CellValue, out)
  return out.copy()
}

function encodeRow(topic: Topic, row: Row): Uint8Array {
  const { value: serde } = topic.definition
  const out = new ByteWriter()
  const batch = batchOfRows(serde.schema, [checked(topic, serde.schema, row)])
  serde.encoder(serde.schema).encode(batch, 0, out)
  return out.copy()
}

function checked(topic: Topic, schema: Schema, row: Row): Row {
  const cells = schema.fields.map(({ name, type }) => {
    const cell = toCell(type, ownValue(row, name))
    if (!isRefusal(cell)) return [name, cell] as const
    const text = `column ${JSON.stringify(name)} expects ${cell.expected}, got ${cell.got}`
    throw unfit(topic, text)
  })
  // Of an open schema the rest of the row is kept as well; fromEntries makes `__proto__` a column.
  return Object.fromEntries([...(schema.isOpen ? Object.entries(row) : []), ...cells])
}

/** @throws DECODE_FAILED when a value or key is not what the topic says. */
export function decodeRecords(topic: Topic, records: readonly StoredRecord[]): RecordRead[] {
  const { key, value } = topic.definition
  const valueAt = cellsBy(topic, value.decoder('all'), value.schema)
  const keyAt = key === null ? null : cellsBy(topic, key.decoder('all'), key.schema)
  return records.map(record => ({
    key: record.key === null || keyAt === null ? record.key : keyAt(record, record.key)['value'],
    value: record.value === null ? null : valueAt(record, record.value),
    timestamp: record.timestamp,
    partition: record.partition,
    offset: record.offset,
    headers: record.headers,
  }))
}

function cellsBy(
  topic: Topic,
  decoder: Decoder,
  schema: Schema,
): (record: StoredRecord, bytes: Buffer) => Row {
  return ({ partition, offset }, bytes) => {
    const decoded = decoder.decode(oneRange(bytes))
    const [failure] = decoded.failures
    if (failure === undefined) return rowsOf(batchOf(decoded, schema))(0)
    const { code, field, expected, got } = failure
    const place = { topic: topic.name, partition, offset, field }
    throw new MillraceError(code, `expected ${expected}, got ${got}.`, place)
  }
}

function oneRange(data: Buffer): ByteRanges {
  return { count: 1, data, start: Int32Array.of(0), size: Int32Array.of(data.length) }
}

function batchOf({ schema, columns, rest }: Decoded, whole: Schema): Batch {
  const { records } = batchOfRows(whole, [{}])
  return new Batch({ schema, columns, rest, records, selection: null })
}

function headerList(headers: NonNullable<RecordToFeed['headers']>): Headers {
  if (Array.isArray(headers)) return headers
  return Object.entries(headers as Record<string, string | Uint8Array>).map(
    ([name, value]): Header => ({
      name,
      value: typeof value === 'string' ? Buffer.from(value, 'utf8') : value,
    }),
  )
}

function ownValue(row: Row, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined
}

function unfit(topic: Topic, text: string): MillraceError {
  return new MillraceError('ENCODE_FAILED', `a record fed to the topic does not fit: ${text}.`, {
    topic: topic.name,
  })
}
