/**
 * Rows of a table by their primary key: one question per key, a bounded number of them at once.
 *
 * When it is opened everything about the table that does not fit is told at once. A key that the
 * table cannot hold, such as text that is no UUID, has no row.
 */
import {
  type CellValue,
  eachAtOnce,
  type Lookup,
  type LookupContext,
  MillraceError,
} from '@millrace/core'
import type { Client } from 'cassandra-driver'
import type { Connection } from './connection.ts'
import { quoteName, showName, showTable, type TableName } from './cql-name.ts'
import { CqlRefusal } from './cql-refusal.ts'
import { decodedCell } from './decode.ts'
import { type CqlEncoder, cqlEncoder } from './encode.ts'
import { failureText } from './failure-kind.ts'
import { type LiveTable, readTable, type TableColumn, whatThereIs } from './live-table.ts'
import type { LookupSettings } from './lookup-options.ts'
import { Retries } from './retries.ts'
import { tableText } from './statement.ts'
import { findColumn } from './table-plan.ts'
import { misfitError, missingError } from './table-problems.ts'
import { fits, misfitText } from './type-fit.ts'

interface Question {
  readonly cql: string
  readonly key: readonly CqlEncoder[]
}

export class TableLookup implements Lookup {
  readonly #connection: Connection
  readonly #name: TableName
  readonly #settings: LookupSettings
  #fields: readonly string[] = []
  #client: Client | null = null
  #retries!: Retries
  #question!: Question

  constructor(connection: Connection, name: TableName, settings: LookupSettings) {
    this.#connection = connection
    this.#name = name
    this.#settings = settings
  }

  get waitsFor(): string | null {
    return this.#client === null ? null : this.#retries.waitsFor
  }

  async open({ fields, clock, warn }: LookupContext): Promise<void> {
    const { retryForMs } = this.#settings
    const failed = (error: unknown): MillraceError => {
      const text = `rows of ${showTable(this.#name)} cannot be looked up: ${failureText(error)}.`
      return new MillraceError('LOOKUP_FAILED', text, { cause: error })
    }
    this.#fields = fields
    this.#retries = new Retries({ clock, warn, failed, retryForMs })
    const client = this.#connection.acquire()
    this.#client = client
    try {
      this.#question = await this.#ask(client)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async rows(keys: readonly (readonly CellValue[])[]): Promise<(CellValue[] | null)[]> {
    const rows: (CellValue[] | null)[] = new Array(keys.length).fill(null)
    await eachAtOnce(keys, this.#settings.concurrency, async (key, nth) => {
      rows[nth] = await this.#row(key)
    })
    return rows
  }

  async close(): Promise<void> {
    if (this.#client === null) return
    this.#client = null
    await this.#connection.release()
  }

  async #ask(client: Client): Promise<Question> {
    const name = this.#name
    const table = await this.#retries.until(() => readTable(client, name))
    if (table !== null) return questionOf(table, name, this.#settings, this.#fields)
    const there = await this.#retries.until(() => whatThereIs(client, name))
    throw missingError(name, there, 'a lookup makes none.', 'LOOKUP_FAILED')
  }

  async #row(key: readonly CellValue[]): Promise<CellValue[] | null> {
    const params = keyBytes(key, this.#question.key)
    if (params === null) return null
    const { consistency, schema } = this.#settings
    const options = { prepare: true, consistency, isIdempotent: true }
    const { cql } = this.#question
    const result = await this.#retries.until(async () => {
      if (this.#client === null) throw closed()
      return this.#client.execute(cql, params, options)
    })
    const row = result.first()
    if (row === null) return null
    const values = row.values()
    return this.#fields.map((name, i) => {
      try {
        return decodedCell(schema.typeOf(name), values[i])
      } catch (error) {
        const text = `${showTable(this.#name)}, column ${showName(name)}: ${failureText(error)}.`
        throw new MillraceError('LOOKUP_FAILED', text, { field: name, cause: error })
      }
    })
  }
}

/** Null: the table cannot hold such a key. */
function keyBytes(key: readonly CellValue[], encoders: readonly CqlEncoder[]): Buffer[] | null {
  try {
    return encoders.map((encode, i) => encode(key[i]))
  } catch (error) {
    if (error instanceof CqlRefusal) return null
    throw error
  }
}

/** @throws SCHEMA_MISMATCH */
function questionOf(
  table: LiveTable,
  name: TableName,
  { schema, key, columns }: LookupSettings,
  fields: readonly string[],
): Question {
  const problems: string[] = []
  const found = new Map<string, TableColumn>()
  for (const field of new Set([...key, ...fields])) {
    const wanted = columns.get(field) ?? field
    const column = findColumn(table, wanted)
    const type = schema.typeOf(field)
    if (column === null) problems.push(`the table has no column ${showName(wanted)}`)
    else if (fits(type, column.type)) found.set(field, column)
    else
      problems.push(misfitText(field, type, `${showName(column.name)} of the table`, column.type))
  }
  const primary = [...table.partitionKey, ...table.clustering]
  const given = key.map(field => found.get(field)?.name ?? field)
  if (`${[...given].sort()}` !== `${[...primary].sort()}`) {
    problems.push(`key says (${given.join(', ')}), the primary key is (${primary.join(', ')})`)
  }
  if (problems.length > 0) throw misfitError(`table ${showTable(name)}`, problems)
  const text = (field: string): string => quoteName((found.get(field) as TableColumn).name)
  const taken = fields.map(field =>
    schema.typeOf(field).kind === 'json' ? `toJson(${text(field)})` : text(field),
  )
  const where = key.map(field => `${text(field)} = ?`).join(' AND ')
  return {
    cql: `SELECT ${taken.join(', ')} FROM ${tableText(name)} WHERE ${where}`,
    key: key.map(field => cqlEncoder((found.get(field) as TableColumn).type)),
  }
}

function closed(): MillraceError {
  return new MillraceError('LOOKUP_FAILED', 'the lookup was closed while it was asked.')
}
