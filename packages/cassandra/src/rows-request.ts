/**
 * Rows as one request of prepared statements, whose bytes are copied as they lie in the slab.
 *
 *   frame = header, type, count of statements, statement …, the rest   all but the statements is
 *   statement = 01, id, count of values, values (`slab.ts`)            written by the driver
 *   id = size (int16), bytes                                           counts have 16 bits
 *
 * The driver writes a frame around one statement without values. Where that is not found at its
 * place, as with a payload or an older protocol in front, the whole frame is left to the driver.
 */
import type {
  DriverBatch,
  DriverEncoder,
  DriverExecution,
  DriverRequest,
  PreparedInfo,
  SendingParts,
} from './driver-parts.ts'
import type { OutRow } from './out-row.ts'
import { copyBytes } from './slab.ts'

/** The first protocol that has values which are unset. */
const PROTOCOL_MIN = 4
const HEADER_BYTES = 9
const LENGTH_AT = 5
const COUNT_AT = HEADER_BYTES + 1
const STATEMENTS_AT = COUNT_AT + 2

/** A statement of rows. */
export interface RowStatement extends PreparedInfo {
  /** The bytes in front of its values. */
  readonly head: Buffer
}

/** By their CQL. */
export type RowStatements = ReadonlyMap<string, RowStatement>

export function rowStatement({ queryId, meta }: PreparedInfo): RowStatement {
  return { queryId, meta, head: statementHead(queryId, meta.columns.length) }
}

function statementHead(id: Buffer, values: number): Buffer {
  const head = Buffer.alloc(1 + 2 + id.length + 2)
  head[0] = 1
  head.writeUInt16BE(id.length, 1)
  id.copy(head, 3)
  head.writeUInt16BE(values, 3 + id.length)
  return head
}

export class RowsRequest implements DriverRequest {
  /** For those who watch requests; values are cut out when they are looked at. */
  readonly queries: readonly OutRow[]
  length = 0
  readonly #parts: SendingParts
  readonly #statements: RowStatements
  readonly #execution: DriverExecution
  /** The driver's own form. */
  readonly #batch: DriverBatch

  /** @param statements those of all rows */
  constructor(
    parts: SendingParts,
    rows: readonly OutRow[],
    statements: RowStatements,
    execution: DriverExecution,
  ) {
    this.queries = rows
    this.#parts = parts
    this.#statements = statements
    this.#execution = execution
    this.#batch = new parts.BatchRequest([], execution)
  }

  write(encoder: DriverEncoder, streamId: number): Buffer {
    const heads = this.queries.map(row => this.#statementOf(row).head)
    const { queryId, meta } = this.#statementOf(this.queries[0] as OutRow)
    const empty = statementHead(queryId, 0)
    this.#batch.queries = [{ query: '', params: [], queryId, meta }]
    const around = this.#batch.write(encoder, streamId)
    if (encoder.protocolVersion >= PROTOCOL_MIN && isAround(around, empty)) {
      const frame = this.#filled(around, empty.length, heads)
      this.length = frame.length - HEADER_BYTES
      return frame
    }
    const frame = this.#writtenByDriver(encoder, streamId)
    this.length = this.#batch.length
    return frame
  }

  clone(): RowsRequest {
    return new RowsRequest(this.#parts, this.queries, this.#statements, this.#execution)
  }

  /** Clear version of `#filled`. */
  #writtenByDriver(encoder: DriverEncoder, streamId: number): Buffer {
    this.#batch.queries = this.queries.map(row => {
      const { queryId, meta } = this.#statementOf(row)
      return { query: row.query, params: row.params, queryId, meta }
    })
    return this.#batch.write(encoder, streamId)
  }

  /** Perf: half the CPU a row of the client: 15 µs became 8, see `cassandra` in the benchmarks. */
  #filled(around: Buffer, emptyBytes: number, heads: readonly Buffer[]): Buffer {
    const rows = this.queries
    let size = around.length - emptyBytes
    for (let nth = 0; nth < rows.length; nth++) {
      size += (heads[nth] as Buffer).length + (rows[nth] as OutRow).size
    }
    const frame = Buffer.allocUnsafe(size)
    around.copy(frame, 0, 0, STATEMENTS_AT)
    frame.writeInt32BE(size - HEADER_BYTES, LENGTH_AT)
    frame.writeUInt16BE(rows.length, COUNT_AT)
    let at = STATEMENTS_AT
    for (let nth = 0; nth < rows.length; nth++) {
      const head = heads[nth] as Buffer
      at = copyBytes(head, 0, head.length, frame, at)
      at = (rows[nth] as OutRow).writeTo(frame, at)
    }
    around.copy(frame, at, STATEMENTS_AT + emptyBytes)
    return frame
  }

  #statementOf({ query }: OutRow): RowStatement {
    return this.#statements.get(query) as RowStatement
  }
}

/** The statement stands where it is taken to be, alone, and the header is the known one. */
function isAround(frame: Buffer, statement: Buffer): boolean {
  const end = STATEMENTS_AT + statement.length
  return (
    frame.length >= end &&
    frame.readInt32BE(LENGTH_AT) === frame.length - HEADER_BYTES &&
    frame.readUInt16BE(COUNT_AT) === 1 &&
    frame.subarray(STATEMENTS_AT, end).equals(statement)
  )
}
