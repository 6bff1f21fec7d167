/**
 * Many records into a batch in one call, in WebAssembly (wasm/record-writer.ts): byte by byte what
 * `OpenBatch.append` writes, the clear version, to which all is left that is not taken here. The
 * memory is one of each thread and holds the records of one write at a time.
 */
import { type RawRecords, sharedModule, WasmModule } from '@millrace/core'
import { RECORD_WRITER_MODULE } from './record-writer-module.ts'

/** What records are written behind. */
export interface BatchSoFar {
  /** Time of the first record and the latest time. */
  readonly first: number
  readonly latest: number
  readonly count: number
  readonly size: number
  readonly bytesMax: number
}

type Place = (positions: number, count: number, data: number) => void
type Append = (
  rows: number,
  rowsEnd: number,
  first: number,
  latest: number,
  count: number,
  size: number,
  bytesMax: number,
  out: number,
  room: number,
) => number

interface Global<Value> {
  readonly value: Value
}

/** Fewer cost less one by one: to hand them over takes some microseconds. */
const ROWS_MIN = 24
/** May be read and written behind what is there. */
const SLACK_BYTES = 64
/** Of a record, on average: beyond it, much may be there that none of them has. */
const DATA_BYTES_MAX = 16 * 1024
/** Of a record: positions and its number. */
const ROW_BYTES = 36
/** Of a record beside its key, value and headers, at most. */
const HEAD_BYTES_MAX = 48

export class RecordWriter {
  readonly #module: WasmModule
  readonly #place: Place
  readonly #append: Append
  readonly #end: Global<number>
  readonly #greatest: Global<number>
  readonly #rowsMin: number
  #bytes: Buffer
  #rows = 0
  #out = 0
  #room = 0

  /** @throws whatever WebAssembly throws */
  constructor(module: Uint8Array, rowsMin: number = ROWS_MIN) {
    this.#module = new WasmModule(module)
    const { exports } = this.#module
    this.#place = exports['place'] as Place
    this.#append = exports['append'] as Append
    this.#end = exports['outEnd'] as Global<number>
    this.#greatest = exports['greatest'] as Global<number>
    this.#rowsMin = rowsMin
    this.#bytes = this.#module.atLeast(0) as Buffer
  }

  /**
   * Takes in the records that `append` may be asked for until the next `take`; false: it did not.
   * @param rows their numbers
   */
  take(records: RawRecords, rows: Int32Array): boolean {
    const { count, data } = records
    if (rows.length < this.#rowsMin || data.length > rows.length * DATA_BYTES_MAX) return false
    const positions = WasmModule.FREE_FROM
    this.#rows = positions + count * (ROW_BYTES - 4)
    const dataAt = this.#rows + rows.byteLength
    this.#out = dataAt + data.length + SLACK_BYTES
    this.#room = data.length + rows.length * HEAD_BYTES_MAX
    const bytes = this.#module.atLeast(this.#out + this.#room + SLACK_BYTES)
    if (bytes === null) return false
    this.#bytes = bytes
    let at = positions
    const put = (array: Int32Array | Float64Array): void => {
      const each = array.BYTES_PER_ELEMENT * count
      bytes.set(new Uint8Array(array.buffer, array.byteOffset, each), at)
      at += each
    }
    put(records.timestamps)
    put(records.keyStart)
    put(records.keySize)
    put(records.valueStart)
    put(records.valueSize)
    put(records.headersStart)
    put(records.headersSize)
    bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), this.#rows)
    bytes.set(data, dataAt)
    this.#place(positions, count, dataAt)
    return true
  }

  /**
   * Writes some of the records taken in, rows `from` to `to` of their numbers, as far as there is
   * room for them in a batch; `written` and `latest` tell of them until the next call.
   * @returns how many
   */
  append(from: number, to: number, batch: BatchSoFar): number {
    const { first, latest, count, size, bytesMax } = batch
    const rows = this.#rows
    return this.#append(
      rows + from * 4,
      rows + to * 4,
      first,
      latest,
      count,
      size,
      bytesMax,
      this.#out,
      this.#room,
    )
  }

  get written(): Buffer {
    return this.#bytes.subarray(this.#out, this.#end.value)
  }

  get latest(): number {
    return this.#greatest.value
  }
}

export const recordWriter: () => RecordWriter | null = sharedModule(
  () => new RecordWriter(Buffer.from(RECORD_WRITER_MODULE, 'base64')),
)
