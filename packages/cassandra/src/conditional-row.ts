/**
 * From a record's cells to the values of a conditional write, and from what the server answers to
 * its outcome.
 *
 * A row that was there already with the very values of the record counts as its own: so whoever
 * writes it again, after a crash or an answer that never came, is told what he was told before.
 */
import {
  type CellValue,
  isRefusal,
  type LookupKey,
  MillraceError,
  type Schema,
  toCell,
} from '@millrace/core'
import { types } from 'cassandra-driver'
import type { ConditionalSettings } from './conditional-options.ts'
import { showName } from './cql-name.ts'
import { cqlText } from './cql-type.ts'
import { decodedCell } from './decode.ts'
import { type CqlEncoder, cqlEncoder } from './encode.ts'
import { failureText } from './failure-kind.ts'
import type { Bytes } from './out-row.ts'
import { nullError, valueError } from './row-binder.ts'
import type { Statement } from './statement.ts'
import type { BoundColumn, TablePlan } from './table-plan.ts'

export interface ConditionalRow {
  readonly params: readonly Bytes[]
  /** Rows with equal ones are written one after the other. */
  readonly key: string
}

/** A column of the table by its name, as the driver gives it. */
export type FoundRow = (column: string) => unknown

export class ConditionalRows {
  readonly #written: Schema
  readonly #settings: ConditionalSettings
  readonly #statement: Statement
  readonly #plan: TablePlan
  readonly #encoders: ReadonlyMap<BoundColumn, CqlEncoder>

  constructor(settings: ConditionalSettings, statement: Statement, plan: TablePlan) {
    this.#settings = settings
    this.#written = settings.written
    this.#statement = statement
    this.#plan = plan
    this.#encoders = new Map(plan.bound.map(bound => [bound, cqlEncoder(bound.type)]))
  }

  /** @throws ENCODE_FAILED, OVERFLOW */
  bind(cells: LookupKey): ConditionalRow {
    const values = new Map(this.#plan.bound.map(bound => [bound, this.#value(bound, cells)]))
    const { ttl } = this.#settings.table
    const seconds = Buffer.alloc(4)
    seconds.writeInt32BE(typeof ttl === 'number' ? ttl : 0)
    const params = this.#statement.parameters.map(each =>
      each.kind === 'column' ? (values.get(each.bound) as Bytes) : seconds,
    )
    const key = this.#plan.key.map(bound => {
      const bytes = values.get(bound) as Buffer
      return `${bytes.length}:${bytes.toString('latin1')}`
    })
    return { params, key: key.join('') }
  }

  /** The cells of a record that wrote its row. @throws ENCODE_FAILED */
  written(cells: LookupKey, fields: readonly string[]): CellValue[] {
    return fields.map(name => {
      if (name === 'applied') return true
      const given = cells[this.#written.indexOf(name)] ?? null
      const cell = given === null ? null : toCell(this.#written.typeOf(name), given)
      if (!isRefusal(cell)) return cell
      const text = `${showName(name)} takes ${cell.expected}; got ${cell.got}.`
      throw new MillraceError('ENCODE_FAILED', text, { field: name })
    })
  }

  /** The cells of a record that found a row, or none. @throws LOOKUP_FAILED */
  found(fields: readonly string[], row: FoundRow | null): CellValue[] {
    return fields.map(name => {
      if (name === 'applied') return false
      return row === null ? null : this.#cell(name, row)
    })
  }

  /** The row has the very values that were bound. Collections are not compared. */
  isOwn({ params }: ConditionalRow, row: FoundRow): boolean {
    return this.#statement.parameters.every((each, i) => {
      if (each.kind !== 'column' || this.#written.typeOf(each.bound.from).kind === 'json')
        return true
      const there = this.#cell(each.bound.from, row)
      const bound = params[i] as Bytes
      if (!Buffer.isBuffer(bound)) return there === null
      return there !== null && (this.#encoders.get(each.bound) as CqlEncoder)(there).equals(bound)
    })
  }

  #value(bound: BoundColumn, cells: LookupKey): Bytes {
    const { from, column, type, isKey } = bound
    const { nulls } = this.#settings.table
    const cell = cells[this.#written.indexOf(from)] ?? null
    if (cell === null) {
      if (isKey || nulls === 'refuse') throw nullError(from, column, isKey)
      return nulls === 'null' ? null : types.unset
    }
    try {
      return (this.#encoders.get(bound) as CqlEncoder)(cell)
    } catch (error) {
      throw valueError(error, from, column, cqlText(type))
    }
  }

  #cell(name: string, row: FoundRow): CellValue {
    const bound = this.#plan.bound.find(({ from }) => from === name) as BoundColumn
    try {
      return decodedCell(this.#written.typeOf(name), row(bound.column))
    } catch (error) {
      const text = `column ${showName(bound.column)}: ${failureText(error)}.`
      throw new MillraceError('LOOKUP_FAILED', text, { field: name, cause: error })
    }
  }
}
