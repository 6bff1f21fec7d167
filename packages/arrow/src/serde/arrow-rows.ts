/**
 * A record's value as an Arrow IPC stream of many rows, in one column `rows`: an array of them.
 *
 * Reading, `frame.flatMap(record => record.rows, { schema })` makes rows of it; writing, a step
 * that gathers rows gives `{ rows: [...] }`. A value of no rows is a stream with a schema only.
 */
import {
  type Batch,
  type ByteRanges,
  type CellValue,
  type Column,
  columnOf,
  type Decoded,
  type DecodeFailure,
  type Encoder,
  isRefusal,
  MillraceError,
  type Row,
  rowsOf,
  type Schema,
  type Serde,
  schema as schemaOf,
  t,
  toCell,
} from '@millrace/core'
import { arrowSchema } from '../bridge/arrow-schema.ts'
import { BatchGatherer } from '../bridge/batch-gatherer.ts'
import { batchMessage } from '../ipc/ipc-messages.ts'
import { IpcOutput } from '../ipc/ipc-output.ts'
import { batchOfColumns, readIpc } from '../ipc/ipc-rows.ts'

const GOT_LENGTH_MAX = 90

/**
 * The serde of values that are Arrow IPC streams (or files) of rows of this schema.
 *
 * @example
 * const flights = app.topic('flights', { value: arrowRows(Flight) })
 * app.dataframe(flights).flatMap(({ rows }) => rows, { schema: Flight })
 */
export function arrowRows<RowType>(schema: Schema<RowType>): Serde<{ rows: RowType[] }> {
  arrowSchema(schema)
  const value = schemaOf({ rows: t.json<RowType[]>() })
  return Object.freeze<Serde<{ rows: RowType[] }>>({
    name: 'arrow rows',
    schema: value,
    decoder: read => {
      const isRead = read === 'all' || read.includes('rows')
      return { decode: ranges => decoded(ranges, schema, isRead ? value : NOTHING) }
    },
    encoder: written => encoderOf(schema, written),
  })
}

const NOTHING = schemaOf({})

function decoded(ranges: ByteRanges, schema: Schema, value: Schema): Decoded {
  const failures: DecodeFailure[] = []
  const cells: CellValue[] = []
  for (let index = 0; index < ranges.count; index++) {
    const size = ranges.size[index] as number
    const start = ranges.start[index] as number
    cells.push(null)
    if (size < 0) continue
    try {
      cells[index] = rowsIn(ranges.data.subarray(start, start + size), schema)
    } catch (error) {
      const got = (error instanceof Error ? error.message : String(error)).slice(0, GOT_LENGTH_MAX)
      const expected = `an Arrow IPC stream of ${schema}`
      failures.push({ index, field: undefined, code: 'DECODE_FAILED', expected, got })
    }
  }
  const columns = value.fields.map(({ type }) => columnOf(type, cells))
  return { schema: value, columns, rest: null, failures }
}

function rowsIn(bytes: Buffer, schema: Schema): Row[] {
  // Buffers of a stream must begin at a multiple of 8, which a value in a topic does not.
  return readIpc(Buffer.from(bytes), schema, 'the value').batches.flatMap(({ columns, length }) => {
    const rowAt = rowsOf(batchOfColumns(schema, columns, length))
    return Array.from({ length }, (_, i) => rowAt(i))
  })
}

function encoderOf(schema: Schema, written: Schema): Encoder {
  const position = written.indexOf('rows')
  const isOnly = written.fields.length === 1 && !written.isOpen
  if (!isOnly || written.fields[position]?.type.kind !== 'json') {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `arrowRows writes one column, rows: json, an array of rows; got ${written}.`,
    )
  }
  return {
    encode: (batch: Batch, index, out) => {
      const rows = (batch.columns[position] as Column).get(index)
      if (!Array.isArray(rows)) throw failed(`rows must be an array of rows; got ${typeof rows}.`)
      const columns = schema.fields.map(({ name, type }) => {
        const cells = rows.map((row: Row | null) => {
          const cell = toCell(type, row?.[name], 'row')
          if (!isRefusal(cell)) return cell
          throw failed(`a row's ${name}: expected ${cell.expected}, got ${cell.got}.`)
        })
        return columnOf(type, cells)
      })
      const gatherer = new BatchGatherer(schema)
      const all = Int32Array.from(rows, (_, i) => i)
      if (rows.length > 0)
        gatherer.append(batchOfColumns(schema, columns, rows.length), all, 0, rows.length)
      const stream = new IpcOutput('stream', gatherer.schema)
      if (rows.length > 0) stream.add(batchMessage(gatherer.take(), null))
      out.bytes(stream.end([]))
    },
  }
}

function failed(text: string): MillraceError {
  return new MillraceError('ENCODE_FAILED', text, { field: 'rows' })
}
