/**
 * Rows of many batches as record batches of one schema, a gatherer for each column. Buffers go with
 * each record batch, and are used again when they are given back.
 */
import type { Batch, Column, Schema as RowSchema } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { type ArrowSchemaOptions, arrowSchema } from './arrow-schema.ts'
import { BufferPool } from './buffer-pool.ts'
import { DictionaryGatherer } from './dictionary-gatherer.ts'
import { type Gathered, type Gatherer, gathererOf } from './gatherer.ts'

/** Rows of one record batch as they are in an IPC body, column by column. */
export interface GatheredBatch {
  readonly length: number
  readonly columns: readonly Gathered[]
}

/** Gathers rows of many batches into record batches of one schema. */
export class BatchGatherer {
  readonly schema: Schema
  readonly #gatherers: readonly Gatherer[]
  readonly #pool = new BufferPool()
  #length = 0

  /** @throws SCHEMA_MISMATCH, UNKNOWN_COLUMN, TYPE_MISMATCH as `arrowSchema` does. */
  constructor(schema: RowSchema, options: ArrowSchemaOptions = {}) {
    this.schema = arrowSchema(schema, options)
    this.#gatherers = schema.fields.map(({ name, type }) =>
      gathererOf(
        { type, name, isDictionary: options.dictionary?.includes(name) ?? false },
        this.#pool,
      ),
    )
  }

  get length(): number {
    return this.#length
  }

  get size(): number {
    let size = 0
    for (const gatherer of this.#gatherers) size += gatherer.size
    return size
  }

  /**
   * Rows `indices[from]` to `indices[to - 1]`, or none of them.
   * @throws ENCODE_FAILED with the column when a cell has no form in Arrow.
   */
  append(batch: Batch, indices: Int32Array, from: number, to: number): void {
    try {
      for (let c = 0; c < this.#gatherers.length; c++) {
        this.#gatherers[c]?.append(batch.columns[c] as Column, indices, from, to)
      }
    } catch (error) {
      this.truncate(this.#length)
      throw error
    }
    this.#length += to - from
  }

  truncate(length: number): void {
    for (const gatherer of this.#gatherers) gatherer.truncate(length)
    this.#length = length
  }

  take(): GatheredBatch {
    const length = this.#length
    this.#length = 0
    return { length, columns: this.#gatherers.map(gatherer => gatherer.take()) }
  }

  /** Of a batch that was taken, and that nobody looks at any more: its buffers are used again. */
  giveBack({ columns }: GatheredBatch): void {
    for (const column of columns) this.#giveBack(column)
  }

  #giveBack({ offsets, values, children = [] }: Gathered): void {
    if (offsets !== undefined) this.#pool.giveBack(offsets.buffer as ArrayBuffer)
    if (values !== undefined) this.#pool.giveBack(values.buffer as ArrayBuffer)
    for (const child of children) this.#giveBack(child)
  }

  /** The dictionaries of all batches since the last call, in the order of their numbers. */
  takeDictionaries(): Gathered[] {
    return this.schema.fields
      .flatMap((field, c) => {
        const gatherer = this.#gatherers[c]
        if (!(gatherer instanceof DictionaryGatherer)) return []
        return [{ id: (field.type as { id: number }).id, values: gatherer.takeDictionary() }]
      })
      .sort((a, b) => a.id - b.id)
      .map(({ values }) => values)
  }
}
