/**
 * From bytes of an internal topic to batches of rows and what upstream tasks said of time, in the
 * order of the log.
 *
 * Rows keep the watermark of their own source partition (header `mr`), so lateness was decided by
 * where a record came from and not by how fast others were read. Records with a null key are
 * watermark records (docs/formats.md). Nothing here goes to a policy: an internal record that
 * cannot be read stops the run.
 */
import { Batch, type RecordColumns } from '../batch/batch.ts'
import { BytesColumn, type CellValue, JsonColumn } from '../batch/column.ts'
import { type ColumnBuilder, columnBuilder } from '../batch/column-builder.ts'
import { MillraceError } from '../errors.ts'
import type { RepartitionInput } from '../operator/pipeline.ts'
import { KEY_TYPE } from '../operator/record-edit.ts'
import {
  REPARTITION_HEADERS_HEAD as HEAD,
  REPARTITION_HEADER,
  readRepartitionHeader,
} from '../record/format/repartition-header.ts'
import { type RowReader, rowReader } from '../record/format/row-format.ts'
import { readWatermarkRecord, type WatermarkRecord } from '../record/format/watermark-record.ts'
import { type Headers, NO_HEADERS } from '../record/headers.ts'
import { t } from '../schema/data-type.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { decodeHeaders } from '../transport/record-headers.ts'
import { RepartitionRows } from './repartition-rows.ts'

/** Either rows, or what an upstream task said, written at wall time `at`. */
export type RepartitionEvent =
  | { readonly kind: 'rows'; readonly batch: Batch }
  | { readonly kind: 'watermark'; readonly record: WatermarkRecord; readonly at: number }

export class RepartitionIntake {
  readonly #input: RepartitionInput
  readonly #rows: RowReader
  readonly #plain: RepartitionRows | null

  constructor(input: RepartitionInput) {
    this.#input = input
    this.#rows = rowReader(input.schema.fields)
    this.#plain = RepartitionRows.of(input.schema)
  }

  *take(raw: RawBatch): Generator<RepartitionEvent> {
    let from = 0
    for (let i = 0; i < raw.count; i++) {
      if ((raw.keySize[i] as number) >= 0) continue
      if (i > from) yield { kind: 'rows', batch: this.#batch(raw, from, i) }
      from = i + 1
      const record = placed(raw, i, () => readWatermarkRecord(valueBytes(raw, i)))
      yield { kind: 'watermark', record, at: raw.timestamps[i] as number }
    }
    if (raw.count > from) yield { kind: 'rows', batch: this.#batch(raw, from, raw.count) }
  }

  #batch(raw: RawBatch, from: number, to: number): Batch {
    return this.#plain === null
      ? this.#batchOfRows(raw, from, to)
      : this.#batchOfColumns(raw, from, to, this.#plain)
  }

  #batchOfColumns(raw: RawBatch, from: number, to: number, plain: RepartitionRows): Batch {
    const { schema } = this.#input
    const cells: CellValue[] = new Array(schema.fields.length).fill(null)
    plain.begin(raw, to - from)
    for (let i = from; i < to; i++) {
      if (plain.read(i, i - from)) continue
      placed(raw, i, () => this.#rows.read(valueBytes(raw, i), cells))
      plain.put(i - from, cells)
    }
    const records = recordColumns(raw, from, to)
    return new Batch({ schema, columns: plain.columns(), rest: null, records, selection: null })
  }

  /** Clear version. */
  #batchOfRows(raw: RawBatch, from: number, to: number): Batch {
    const { schema } = this.#input
    const builders = schema.fields.map(field => columnBuilder(field.type))
    const cells: CellValue[] = new Array(builders.length).fill(null)
    const rest: CellValue[] = []
    for (let i = from; i < to; i++) {
      rest.push(placed(raw, i, () => this.#rows.read(valueBytes(raw, i), cells)))
      builders.forEach((builder, c) => {
        builder.append(cells[c] as CellValue)
      })
    }
    return batchOf(this.#input, builders, rest, recordColumns(raw, from, to))
  }
}

function batchOf(
  { schema }: RepartitionInput,
  builders: readonly ColumnBuilder[],
  rest: readonly CellValue[],
  records: RecordColumns,
): Batch {
  return new Batch({
    schema,
    columns: builders.map(builder => builder.build()),
    rest: schema.isOpen ? new JsonColumn(t.json().nullable(), rest) : null,
    records,
    selection: null,
  })
}

function recordColumns(raw: RawBatch, from: number, to: number): RecordColumns {
  const watermarks = new Float64Array(to - from)
  const view = new DataView(raw.data.buffer, raw.data.byteOffset, raw.data.byteLength)
  let headers: Headers[] | null = null
  for (let i = from; i < to; i++) {
    if (hasWatermarkAlone(raw, i)) {
      watermarks[i - from] = view.getFloat64((raw.headersStart[i] as number) + HEAD.length)
      if (!Number.isNaN(watermarks[i - from])) continue
    }
    const [first, ...own] = placed(raw, i, () => decodeHeaders(raw, i))
    watermarks[i - from] = placed(raw, i, () => ownWatermark(first))
    if (own.length === 0) continue
    headers ??= Array.from({ length: to - from }, () => NO_HEADERS)
    headers[i - from] = own
  }
  return {
    topic: raw.topic,
    partition: raw.partition,
    keys: new BytesColumn(
      KEY_TYPE,
      {
        data: raw.data,
        start: raw.keyStart.subarray(from, to),
        size: raw.keySize.subarray(from, to),
      },
      null,
    ),
    timestamps: raw.timestamps.subarray(from, to),
    offsets: raw.offsets.subarray(from, to),
    watermarks,
    headers,
    tombstones: null,
  }
}

/** Perf: headers of nearly every record have no more in them, and need not become objects. */
function hasWatermarkAlone({ data, headersStart, headersSize }: RawBatch, index: number): boolean {
  if (headersSize[index] !== HEAD.length + 8) return false
  const start = headersStart[index] as number
  for (let i = 0; i < HEAD.length; i++) if (data[start + i] !== HEAD[i]) return false
  return true
}

function ownWatermark(header: Headers[number] | undefined): number {
  if (header?.name === REPARTITION_HEADER && header.value !== null) {
    return readRepartitionHeader(header.value)
  }
  throw new MillraceError(
    'FORMAT_UNKNOWN',
    `a record of an internal topic has no header ${REPARTITION_HEADER}. ` +
      'Something else writes to this topic; internal topics belong to one application.',
  )
}

function valueBytes(raw: RawBatch, index: number): Uint8Array {
  const start = raw.valueStart[index] as number
  return raw.data.subarray(start, start + Math.max(0, raw.valueSize[index] as number))
}

function placed<T>(raw: RawBatch, index: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { topic, partition, offsets } = raw
    const place = { topic, partition, offset: offsets[index] as number }
    throw MillraceError.is(error) ? error.at(place) : error
  }
}
