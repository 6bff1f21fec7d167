/**
 * Rows of an array as a source: for tests, examples and small reference data.
 *
 * The array is copied when declared. With a key equal keys are in one partition, as Kafka would
 * place them; without one the rows go round. A position is the index to go on from.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { valueText } from '../serde/json-text.ts'
import { partitionOfKey } from '../util/murmur2.ts'
import { countPosition } from './count-position.ts'
import type { Source, SourceChunk, SourceReader, SourceRecord } from './source.ts'
import { type RecordOf, RowFault, recordsOf, type SourceRowOptions } from './source-row.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface ArraySourceOptions<Row = any> extends SourceRowOptions<Row> {
  /** Default 1. */
  readonly partitions?: number
}

/**
 * A bounded source of the rows of an array.
 *
 * With a schema each row is checked when it is read, and an error names the row; without one the
 * rows are open. Timestamps in the rows are numbers of the declared unit, ISO 8601 text with a
 * zone, or Dates.
 *
 * @example
 * app.source(fromArray(rows, { schema: Purchase, timestamp: 'ts', key: 'user_id' }))
 */
export function fromArray<Row>(
  rows: readonly object[],
  options: ArraySourceOptions<Row> & { readonly schema: Schema<Row> },
): Source<Row>
export function fromArray<Row extends object>(
  rows: readonly Row[],
  options?: ArraySourceOptions<Row>,
): Source<Row>
export function fromArray(
  rows: readonly object[],
  options: ArraySourceOptions & { readonly schema?: Schema } = {},
): Source {
  const { schema = OPEN_SCHEMA, partitions = 1 } = options
  if (!Array.isArray(rows)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `fromArray takes an array of rows; got ${describeValue(rows)}.`,
    )
  }
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `partitions must be a whole number above 0; got ${describeValue(partitions)}.`,
    )
  }
  const copy = [...rows]
  const recordOf = recordsOf(schema, 'data', options)
  return Object.freeze<Source>({
    name: 'array',
    schema,
    isBounded: true,
    partitionCount: partitions,
    open: async (partition, position) => {
      const from = countPosition(position, 'array')
      return new ArrayReader(copy, recordOf, { partition, partitions, from })
    },
  })
}

class ArrayReader implements SourceReader {
  readonly #rows: readonly object[]
  readonly #recordOf: RecordOf
  readonly #partition: number
  readonly #partitions: number
  #next: number
  #bad: { readonly row: unknown } | null = null

  constructor(
    rows: readonly object[],
    recordOf: RecordOf,
    at: { readonly partition: number; readonly partitions: number; readonly from: number },
  ) {
    this.#rows = rows
    this.#recordOf = recordOf
    this.#partition = at.partition
    this.#partitions = at.partitions
    this.#next = at.from
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    while (records.length < recordsMax && this.#next < this.#rows.length) {
      const record = this.#recordOf(this.#rows[this.#next])
      if (record instanceof RowFault) {
        // What is good before a bad row is given first; the row is read again by the next call.
        if (records.length > 0) break
        this.#bad = { row: this.#rows[this.#next] }
        throw record.error(`row ${this.#next} of the array`)
      }
      if (this.#isMine(record, this.#next)) records.push(record)
      this.#next++
    }
    const isEnd = this.#next >= this.#rows.length
    return { records, position: String(this.#next), isEnd }
  }

  skipBad(): Promise<Uint8Array | null> {
    const bad = this.#bad
    this.#bad = null
    if (bad !== null) this.#next++
    return Promise.resolve(bad === null ? null : Buffer.from(rowText(bad.row)))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #isMine({ key }: SourceRecord, index: number): boolean {
    if (this.#partitions === 1) return true
    const partition = key
      ? partitionOfKey(key, 0, key.length, this.#partitions)
      : index % this.#partitions
    return partition === this.#partition
  }
}

/** A row as JSON, or in words where JSON has no form for it. */
function rowText(row: unknown): string {
  try {
    return valueText(row as CellValue, 'row') ?? describeValue(row)
  } catch {
    return describeValue(row)
  }
}
