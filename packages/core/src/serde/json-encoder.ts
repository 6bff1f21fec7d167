/**
 * Rows as JSON objects, appended to the output a record at a time: the clear version, which
 * `json-column-encoder.ts` must equal.
 *
 * Of an open frame the undeclared columns come first, then the declared ones in their order; each
 * name once. Null cells are written as null. Nothing is appended when a record fails.
 */
import type { Batch } from '../batch/batch.ts'
import type { CellValue, Column } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { DataType, TypeKind } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { cellText, valueText } from './json-text.ts'
import type { Encoder } from './serde.ts'

export interface ColumnWritten {
  readonly name: string
  /** The name as JSON text, with its colon. */
  readonly label: string
  /** Position in the frame. */
  readonly position: number
  readonly type: DataType
}

export class JsonEncoder implements Encoder {
  readonly columns: readonly ColumnWritten[]
  readonly #declared: ReadonlySet<string>
  readonly writesRest: boolean

  /**
   * @param target the columns of the output: all of them must be in the frame and fit, further
   *   columns of the frame are not written. An open target takes any frame whole.
   * @throws SCHEMA_MISMATCH
   */
  constructor(frame: Schema, target: Schema) {
    if (!target.isOpen || target.fields.length > 0) checkFit(frame, target)
    this.columns = columnsWritten(frame, target)
    this.#declared = new Set(this.columns.map(column => column.name))
    this.writesRest = target.isOpen
  }

  encode(batch: Batch, index: number, out: ByteWriter): void {
    let text = ''
    if (this.writesRest && batch.rest !== null) text = this.#restText(batch.rest.get(index))
    for (const { name, label, position, type } of this.columns) {
      const cell = (batch.columns[position] as Column).get(index)
      text += (text === '' ? '' : ',') + label + cellText(type, cell, name)
    }
    out.text(`{${text}}`)
  }

  #restText(value: CellValue): string {
    let text = ''
    if (typeof value !== 'object' || value === null) return text
    for (const [name, each] of Object.entries(value)) {
      if (this.#declared.has(name)) continue
      const inner = valueText(each, name)
      if (inner !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${inner}`
    }
    return text
  }
}

function columnsWritten(frame: Schema, target: Schema): ColumnWritten[] {
  const fields = target.isOpen ? frame.fields : target.fields
  return fields.map(({ name, type }) => {
    const from = frame.typeOf(name)
    const to = target.has(name) ? target.typeOf(name) : type
    return {
      name,
      label: `${JSON.stringify(name)}:`,
      position: frame.indexOf(name),
      // The frame says what a cell is; the output says in which unit a time is written.
      type: IN_UNITS.has(to.kind) && to.sameKind(from) ? to : from,
    }
  })
}

/** Kinds in which there may be times. */
const IN_UNITS: ReadonlySet<TypeKind> = new Set(['timestamp', 'list', 'struct'])

function checkFit(frame: Schema, target: Schema): void {
  const faults = target.fields.flatMap(({ name, type }) => {
    const fault = faultOf(frame, name, type)
    return fault === undefined ? [] : [`${JSON.stringify(name)} ${fault}`]
  })
  if (faults.length === 0) return
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `rows of the frame do not fit the output: column ${faults.join('; column ')}. ` +
      `The frame is ${frame}, the output ${target}.`,
  )
}

function faultOf(frame: Schema, name: string, to: DataType): string | undefined {
  if (!frame.has(name)) {
    const hint = frame.isOpen ? `; declare it with .as(t.${to.kind}())` : ''
    return `must be ${to} and is not declared in the frame${hint}`
  }
  const from = frame.typeOf(name)
  if (!isWritable(from, to)) return `must be ${to} and is ${from}; cast it`
  if (from.isNullable && !to.isNullable) return `must not be null and is ${from}; use fillNull`
  return undefined
}

/** True when the JSON form of every cell of `from` is one of `to`. */
function isWritable(from: DataType, to: DataType): boolean {
  if (from.kind === 'decimal' && to.kind === 'decimal') return to.hasRoomFor(from)
  if (from.kind === 'decimal' && to.kind === 'string') return true
  if (to.kind === 'list' || to.kind === 'struct') return to.sameKind(from)
  if (to.kind === 'json' || from.kind === to.kind) return true
  return from.kind === 'int32' && (to.kind === 'int64' || to.kind === 'float64')
}
