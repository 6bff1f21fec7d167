/**
 * Avro values into columns: the columns of one reader's schema that are read, from records of any
 * writers.
 *
 * One batch may hold records of many writers; each has a scan of its own, made once and kept, and
 * all write into the same cells. What is kept is bounded: ids of writers come with the records.
 */
import {
  type ByteRanges,
  type Column,
  type ColumnsRead,
  type Decoded,
  type Field,
  Schema,
  t,
} from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { type AnyAvroCells, avroCells, ValueCells } from './avro-cells.ts'
import { columnsOf, type ScanWish, symbolsOf } from './scan-plan.ts'
import { EXACT_FORM, type ValueForm } from './value-form.ts'
import { type Scanning, WriterScan, type WriterScanOptions } from './writer-scan.ts'

const ANY = t.json().nullable()
const OPEN: Schema = new Schema([], true)
/** Scans kept; beyond that the one used least lately goes. */
const SCANS_MAX = 256

/** The columns that values of a reader's schema become; without one they are open. */
export function schemaOf(
  reader: AvroSchema | null,
  form: ValueForm = EXACT_FORM,
  isOne = false,
): Schema {
  return reader === null ? OPEN : new Schema(columnsOf(reader, form, isOne))
}

/** A batch being decoded. */
export interface Decoding {
  /**
   * Reads records `from` to `to` (not in) as values of a writer's schema.
   * @param headSize bytes in front of each that are not of the value; each has so many
   */
  scan(writer: AvroSchema, from: number, to: number, headSize: number): void
  /**
   * Reads all records in WebAssembly, where that is possible, as values of a writer's schema; gives
   * the numbers of those that it refused, among them all that have another head than the first one.
   * Null: it did nothing.
   */
  flat(writer: AvroSchema, headSize: number): Int32Array | null
  /** Says that records `from` to `to` (not in) are null. */
  nulls(from: number, to: number): void
  /** Says that record `index`, which is not scanned, cannot be read at all. */
  fail(index: number, failure: Omit<Decoded['failures'][number], 'index'>): void
  end(): Decoded
}

export interface ColumnDecoderOptions extends WriterScanOptions {
  readonly reader: AvroSchema | null
  readonly read: ColumnsRead
  readonly form?: ValueForm
  /** A record is one cell too. */
  readonly isOne?: boolean
}

export class ColumnDecoder {
  /** Of the columns read. */
  readonly schema: Schema
  readonly #options: WriterScanOptions
  readonly #wish: ScanWish
  readonly #symbols: readonly (readonly string[])[]
  readonly #scans = new Map<AvroSchema, WriterScan>()

  /** @throws UNKNOWN_COLUMN */
  constructor({
    reader,
    read,
    form = EXACT_FORM,
    isOne = false,
    ...options
  }: ColumnDecoderOptions) {
    const whole = schemaOf(reader, form, isOne)
    this.schema = read === 'all' ? whole : schemaRead(whole, read)
    this.#options = options
    this.#wish = { reader, read: this.schema.fields, keepsWhole: this.schema.isOpen, isOne, form }
    this.#symbols = this.schema.fields.map(({ name }) => symbolsOf(reader, name))
  }

  /** Begins a batch; each of its records is then scanned, said to be null, or failed. */
  begin({ data, start, size, count }: ByteRanges): Decoding {
    const { fields } = this.schema
    const cells = fields.map(({ type }, i) => avroCells(type, count, this.#symbols[i]))
    const rest = this.#wish.keepsWhole ? new ValueCells(ANY, count) : null
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const scanning: Scanning = { data, view, start, size, cells, rest, failures: [] }
    return {
      scan: (writer, from, to, headSize) => {
        if (from < to) this.#scanOf(writer).run(scanning, from, to, headSize)
      },
      flat: (writer, headSize) => this.#scanOf(writer).flat(scanning, count, headSize),
      nulls: (from, to) => {
        for (let index = from; index < to; index++) setNull(scanning, index)
      },
      fail: (index, failure) => {
        scanning.failures.push({ index, ...failure })
        setNull(scanning, index)
      },
      end: () => ({
        schema: this.schema,
        columns: cells.map((each): Column => each.build(data)),
        rest: rest === null ? null : (rest.build(data) as Decoded['rest']),
        failures: scanning.failures.sort((a, b) => a.index - b.index),
      }),
    }
  }

  #scanOf(writer: AvroSchema): WriterScan {
    const scans = this.#scans
    let scan = scans.get(writer)
    if (scan === undefined) {
      scan = new WriterScan(writer, this.#wish, this.#options)
      if (scans.size >= SCANS_MAX) scans.delete(scans.keys().next().value as AvroSchema)
    } else {
      if (scans.size < SCANS_MAX) return scan
      scans.delete(writer)
    }
    scans.set(writer, scan)
    return scan
  }
}

function setNull({ cells, rest }: Scanning, index: number): void {
  for (const each of cells) (each as AnyAvroCells).put(index, null)
  rest?.put(index, null)
}

function schemaRead(schema: Schema, read: readonly string[]): Schema {
  return new Schema([...new Set(read)].map((name): Field => ({ name, type: schema.typeOf(name) })))
}
