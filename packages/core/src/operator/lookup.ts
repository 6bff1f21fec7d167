/**
 * Adds columns of a row that is looked up by a key of the record; null where there is none.
 *
 * `prefetch` finds the keys of a batch that are not kept, asks for them at once, each once, and the
 * batch waits for the answer: so records stay in their order. A key with a null in it has no row.
 * Tombstones pass. A key that cannot be written is a failure of its record, as is an answer that is
 * an error. `perRecord` asks for each record, whatever its key is, and keeps nothing.
 */
import type { Batch } from '../batch/batch.ts'
import { type CellValue, StringColumn } from '../batch/column.ts'
import { type OutputColumn, outputColumn } from '../batch/output-column.ts'
import { MillraceError } from '../errors.ts'
import type { LookupCacheOptions } from '../lookup/cache-options.ts'
import type { Lookup } from '../lookup/lookup.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { assert } from '../util/assert.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { cellReaderOf } from './cell-reader.ts'
import { eachRecord } from './each-record.ts'
import { KeyStrings } from './key-strings.ts'
import { type KeptRow, LookupCache } from './lookup-cache.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

export interface LookupOperatorOptions {
  readonly name: string
  readonly lookup: Lookup
  readonly perRecord: boolean
  /** The rows that leave. */
  readonly schema: Schema
  /** Columns of the record that are the key. */
  readonly on: readonly string[]
  readonly codec: GroupKeyCodec
  /** Names in the table, and the types of the columns that are added, in their order. */
  readonly fields: readonly { readonly from: string; readonly type: DataType }[]
  readonly cache: LookupCacheOptions
  readonly onError: ErrorPolicy
}

type CellAt = (index: number) => CellValue

interface Question {
  readonly cells: readonly CellValue[]
  /** What is kept under; null = nothing is. */
  readonly key: string | null
  readonly row: KeptRow
  /** Of the first record that asks. */
  readonly index: number
}

/** What there is for each record of a batch. */
interface Found {
  readonly batch: Batch
  /** By physical index; missing: the key has a null, or it failed. */
  readonly rows: readonly (KeptRow | undefined)[]
  readonly failures: ReadonlyMap<number, unknown>
}

export class LookupOperator implements Operator {
  readonly name: string
  readonly #options: LookupOperatorOptions
  readonly #cache: LookupCache
  readonly #strings = new KeyStrings()
  readonly #out = new ByteWriter()
  #context!: OperatorContext
  #found: Found | null = null

  constructor(options: LookupOperatorOptions) {
    this.name = options.name
    this.#options = options
    this.#cache = new LookupCache(options.cache)
  }

  get waitsFor(): string | null {
    return this.#options.lookup.waitsFor ?? null
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context
    const { name: step, lookup, fields } = this.#options
    const names = fields.map(({ from }) => from)
    const warn = (text: string): void => context.warn(`${step}: ${text}`)
    await this.#guard(lookup.open({ step, fields: names, clock: context.clock, warn }))
  }

  prefetch(batch: Batch): Promise<void> | undefined {
    const rows: (KeptRow | undefined)[] = new Array(batch.length)
    const failures = new Map<number, unknown>()
    const { on, perRecord } = this.#options
    const readers = on.map(name => cellReaderOf(batch, name))
    const questions = perRecord
      ? eachOf(batch, readers, rows)
      : this.#missing(batch, readers, rows, failures)
    this.#found = { batch, rows, failures }
    return questions.length === 0 ? undefined : this.#ask(questions, failures)
  }

  /** The keys that are not kept, each once. */
  #missing(
    batch: Batch,
    readers: readonly CellAt[],
    rows: (KeptRow | undefined)[],
    failures: Map<number, unknown>,
  ): readonly Question[] {
    const asked = new Map<string, Question>()
    const keyAt = this.#keysOf(batch, readers)
    const now = this.#context.clock.now()
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) continue
      try {
        const key = keyAt(index)
        if (key === undefined) continue
        let row = this.#cache.get(key, now) ?? asked.get(key)?.row
        if (row === undefined) {
          row = unknownRow()
          const cells = readers.map(cellAt => cellAt(index))
          asked.set(key, { cells, key, row, index })
        }
        rows[index] = row
      } catch (error) {
        failures.set(index, error)
      }
    }
    return [...asked.values()]
  }

  process(batch: Batch, output: Output): void {
    const found = this.#found
    assert(found?.batch === batch, 'rows of a batch are looked up before it is processed')
    this.#found = null
    const { schema, fields, name, onError } = this.#options
    const outputs = fields.map(({ type }) => outputColumn(type, batch.length, true))
    const guard = { step: name, policy: onError, context: this.#context }
    const selection = eachRecord(batch, guard, index => {
      if (found.failures.has(index)) throw found.failures.get(index)
      const cells = found.rows[index]?.cells
      if (cells === null || cells === undefined) return true
      for (let i = 0; i < outputs.length; i++) {
        ;(outputs[i] as OutputColumn).put(index, cells[i] as CellValue)
      }
      return true
    })
    const columns = [...batch.columns, ...outputs.map(column => column.column())]
    output.emit(batch.with({ schema, columns, selection }))
  }

  async close(): Promise<void> {
    await this.#options.lookup.close()
  }

  /** The key of a record as a string of its bytes; undefined where a part of it is null. */
  #keysOf(batch: Batch, readers: readonly CellAt[]): (index: number) => string | undefined {
    const { on, codec } = this.#options
    const [name = ''] = on
    const only = on.length === 1 ? batch.columns[batch.schema.indexOf(name)] : undefined
    if (only instanceof StringColumn) return this.#textsOf(only)
    const cells: CellValue[] = new Array(readers.length).fill(null)
    const out = this.#out
    return index => {
      for (let i = 0; i < cells.length; i++) {
        const cell = (readers[i] as CellAt)(index) ?? null
        if (cell === null) return undefined
        if (typeof cell === 'object' && !(cell instanceof Uint8Array)) throw noKey(on[i] as string)
        cells[i] = cell
      }
      out.reset()
      codec.encode(cells, out)
      const bytes = out.view()
      return this.#strings.at(bytes, 0, bytes.length)
    }
  }

  /** Perf: of a key that is kept no text is made: its bytes are those of the codec already. */
  #textsOf(column: StringColumn): (index: number) => string | undefined {
    const { data, start, size } = column
    return index => {
      if (column.isNull(index)) return undefined
      const from = start[index] as number
      return this.#strings.at(data, from, from + (size[index] as number))
    }
  }

  async #ask(questions: readonly Question[], failures: Map<number, unknown>): Promise<void> {
    const { lookup, name } = this.#options
    const answers = await this.#guard(lookup.rows(questions.map(({ cells }) => cells)))
    if (answers.length !== questions.length) {
      throw new MillraceError(
        'LOOKUP_FAILED',
        `the lookup was asked for ${questions.length} keys and answered for ${answers.length}.`,
        { step: name },
      )
    }
    const now = this.#context.clock.now()
    let missing = 0
    for (const [nth, { key, row, index }] of questions.entries()) {
      const answer = answers[nth] ?? null
      if (MillraceError.is(answer)) failures.set(index, answer)
      else row.cells = answer
      if (answer === null) missing++
      if (key !== null) this.#cache.set(key, row, now)
    }
    this.#context.count('keys_looked_up', questions.length)
    if (missing > 0) this.#context.count('keys_not_found', missing)
  }

  async #guard<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise
    } catch (error) {
      const { name: step } = this.#options
      if (MillraceError.is(error)) throw error.at({ step })
      const text = error instanceof Error ? error.message : String(error)
      throw new MillraceError(
        'LOOKUP_FAILED',
        `the lookup failed: ${text}. Nothing after the last committed epoch is lost: it is ` +
          'processed again at the next start.',
        { step, cause: error },
      )
    }
  }
}

function unknownRow(): KeptRow {
  return { cells: undefined, expiresAt: 0, isUsed: false }
}

/** A question for each record. */
function eachOf(
  batch: Batch,
  readers: readonly CellAt[],
  rows: (KeptRow | undefined)[],
): readonly Question[] {
  const questions: Question[] = []
  for (let nth = 0; nth < batch.count; nth++) {
    const index = batch.at(nth)
    if (batch.isTombstone(index)) continue
    const row = unknownRow()
    rows[index] = row
    const cells = readers.map(cellAt => cellAt(index) ?? null)
    questions.push({ cells, key: null, row, index })
  }
  return questions
}

function noKey(field: string): MillraceError {
  return new MillraceError(
    'ENCODE_FAILED',
    'the key of a lookup is text, a number, a boolean or bytes; the record has an object or a ' +
      'list there.',
    { field },
  )
}
