/**
 * Writes a row for each record under a condition, and gives the outcome: a lightweight transaction
 * each, those of one primary key one after the other, a bounded number of them at once.
 *
 * When it is opened everything about the table that does not fit is told at once. What the server
 * refuses, or does not fit, is an error of its record; what may pass is tried again.
 */
import {
  eachAtOnce,
  type Lookup,
  type LookupAnswer,
  type LookupContext,
  type LookupKey,
  MillraceError,
} from '@millrace/core'
import type { Client, types } from 'cassandra-driver'
import type { ConditionalSettings } from './conditional-options.ts'
import { type ConditionalRow, ConditionalRows, type FoundRow } from './conditional-row.ts'
import type { Connection } from './connection.ts'
import { showTable, type TableName } from './cql-name.ts'
import { failureKind, failureText, isForgotten } from './failure-kind.ts'
import { openTable } from './open-table.ts'
import { Retries } from './retries.ts'
import { writeStatement } from './statement.ts'
import type { TablePlan } from './table-plan.ts'
import { misfitError } from './table-problems.ts'

interface Open {
  readonly client: Client
  readonly cql: string
  readonly rows: ConditionalRows
}

/** A record's row, and its place among the answers. */
interface Turn {
  readonly row: ConditionalRow
  /** The answer when it is written. */
  readonly done: LookupAnswer
  readonly nth: number
}

export class ConditionalWrite implements Lookup {
  readonly #connection: Connection
  readonly #name: TableName
  readonly #settings: ConditionalSettings
  #context!: LookupContext
  #retries!: Retries
  #open: Open | null = null

  constructor(connection: Connection, name: TableName, settings: ConditionalSettings) {
    this.#connection = connection
    this.#name = name
    this.#settings = settings
  }

  get waitsFor(): string | null {
    return this.#open === null ? null : this.#retries.waitsFor
  }

  async open(context: LookupContext): Promise<void> {
    const { clock, warn, fields } = context
    const { retryForMs, table, found } = this.#settings
    const failed = (error: unknown): MillraceError => {
      const text = `rows of ${showTable(this.#name)} cannot be written: ${failureText(error)}.`
      return new MillraceError('LOOKUP_FAILED', text, { cause: error })
    }
    this.#context = context
    this.#retries = new Retries({ clock, warn, failed, retryForMs })
    for (const name of fields) {
      if (name !== 'applied' && found.typeOf(name).kind === 'json') throw noJson(name)
    }
    const client = this.#connection.acquire()
    try {
      const plan = await this.#plan(client)
      const statement = writeStatement(this.#name, plan, table)
      const rows = new ConditionalRows(this.#settings, statement, plan)
      this.#open = { client, cql: statement.cql, rows }
    } catch (error) {
      await this.#connection.release()
      throw error
    }
  }

  async rows(keys: readonly LookupKey[]): Promise<readonly LookupAnswer[]> {
    const { rows } = this.#opened()
    const answers: LookupAnswer[] = new Array(keys.length).fill(null)
    const turns = new Map<string, Turn[]>()
    for (const [nth, cells] of keys.entries()) {
      try {
        const row = rows.bind(cells)
        const turn = { row, done: rows.written(cells, this.#context.fields), nth }
        const same = turns.get(row.key)
        if (same === undefined) turns.set(row.key, [turn])
        else same.push(turn)
      } catch (error) {
        answers[nth] = ownError(error)
      }
    }
    await eachAtOnce([...turns.values()], this.#settings.concurrency, async same => {
      for (const turn of same) answers[turn.nth] = await this.#write(turn)
    })
    return answers
  }

  async close(): Promise<void> {
    if (this.#open === null) return
    this.#open = null
    await this.#connection.release()
  }

  #opened(): Open {
    if (this.#open !== null) return this.#open
    throw new MillraceError('LOOKUP_FAILED', 'the step was closed while it wrote.')
  }

  /** @throws SCHEMA_MISMATCH, SINK_FAILED */
  async #plan(client: Client): Promise<TablePlan> {
    const { table: settings, written, retryForMs } = this.#settings
    const { clock, warn } = this.#context
    const opened = await openTable({
      client,
      name: this.#name,
      settings: { ...settings, retryForMs },
      frame: { schema: written, key: null, computed: new Map() },
      clock,
      warn,
    })
    if ('absent' in opened) throw new MillraceError('LOOKUP_FAILED', opened.absent.text)
    const problems = [...opened.problems, ...opened.missing.map(({ text }) => text)]
    if (problems.length > 0) throw misfitError(`table ${showTable(this.#name)}`, problems)
    return opened.plan
  }

  async #write({ row, done }: Turn): Promise<LookupAnswer> {
    const result = await this.#retries.until(() => this.#execute(row))
    if (MillraceError.is(result)) return result
    if (result.wasApplied()) return done
    const { rows } = this.#opened()
    // What kept an insert out; an update that found nothing has nothing to show.
    const isThere = this.#settings.table.condition === 'not exists'
    const there: FoundRow | null = isThere ? column => result.first()?.[column] ?? null : null
    if (there !== null && rows.isOwn(row, there)) return done
    return rows.found(this.#context.fields, there)
  }

  /** The result, or why the server refuses the row. */
  async #execute({ params }: ConditionalRow): Promise<types.ResultSet | MillraceError> {
    const { client, cql } = this.#opened()
    const { consistency } = this.#settings.table
    // Sent again by us: to the driver it is none that may be sent twice.
    const options = { prepare: true, consistency, isIdempotent: false }
    try {
      return await client.execute(cql, params as Buffer[], options)
    } catch (error) {
      const isRefused = failureKind(error) === 'refused'
      // The table may have been changed meanwhile: then it is no record that is bad.
      if (isRefused || isForgotten(error)) await this.#plan(client)
      if (!isRefused) throw error
      const text = `Cassandra refuses the row: ${failureText(error)}.`
      return new MillraceError('LOOKUP_FAILED', text, { cause: error })
    }
  }
}

function noJson(name: string): MillraceError {
  return new MillraceError(
    'SCHEMA_MISMATCH',
    `column ${JSON.stringify(name)} is JSON, which the outcome of a write does not give. Look it ` +
      'up behind it.',
    { field: name },
  )
}

function ownError(error: unknown): MillraceError {
  if (MillraceError.is(error)) return error
  return new MillraceError('ENCODE_FAILED', failureText(error), { cause: error })
}
