/**
 * Collects rows that functions give out for keys, and makes batches of them in the order in which
 * they came.
 *
 * Rows of one call are held back until the call has ended well. Nothing leaves before `flush`,
 * which is called where a failure of what stands behind is no failure of the function. Rows of
 * records keep the place of their record; rows of timers have none. A batch has one place, so it
 * ends where the place changes.
 */
import { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { type ColumnBuilder, columnBuilder } from '../batch/column-builder.ts'
import type { Headers } from '../record/headers.ts'
import type { Schema } from '../schema/schema.ts'
import type { Output } from './operator.ts'
import { KEY_TYPE } from './record-edit.ts'

/** What the rows of one call have in common. */
export interface RowPlace {
  readonly topic: string
  readonly partition: number
  /** -1: of no record. */
  readonly offset: number
  readonly key: Buffer
  readonly timestamp: number
  readonly watermark: number
  readonly headers: Headers
}

export class KeyedRows {
  readonly #schema: Schema
  readonly #sizeMax: number
  /** Rows of the call under way. */
  #held: (readonly CellValue[])[] = []
  #builders!: readonly ColumnBuilder[]
  #keys!: ColumnBuilder
  #places: RowPlace[] = []
  /** Batches that are complete. */
  #full: Batch[] = []

  /** @param sizeMax most rows in a batch. */
  constructor(schema: Schema, sizeMax: number) {
    this.#schema = schema
    this.#sizeMax = sizeMax
    this.#begin()
  }

  hold(cells: readonly CellValue[]): void {
    this.#held.push(cells)
  }

  /** The call has failed: nothing of it goes out. */
  drop(): void {
    this.#held = []
  }

  /** The call has ended well. */
  add(place: RowPlace): void {
    if (this.#held.length === 0) return
    const last = this.#places.at(-1)
    const isElsewhere =
      last !== undefined && (last.topic !== place.topic || last.partition !== place.partition)
    if (isElsewhere) this.#end()
    for (const cells of this.#held) {
      for (const [i, builder] of this.#builders.entries()) builder.append(cells[i] as CellValue)
      this.#keys.append(place.key)
      this.#places.push(place)
      if (this.#places.length >= this.#sizeMax) this.#end()
    }
    this.#held = []
  }

  /** Gives out the batches that are full; with `all` the last one too. */
  flush(output: Output, all: boolean): void {
    if (all) this.#end()
    const full = this.#full
    if (full.length === 0) return
    this.#full = []
    for (const batch of full) output.emit(batch)
  }

  /** Makes a batch of what has been collected. */
  #end(): void {
    const places = this.#places
    const [first] = places
    if (first === undefined) return
    const hasHeaders = places.some(({ headers }) => headers.length > 0)
    this.#full.push(
      new Batch({
        schema: this.#schema,
        columns: this.#builders.map(builder => builder.build()),
        rest: null,
        records: {
          topic: first.topic,
          partition: first.partition,
          keys: this.#keys.build() as BytesColumn,
          timestamps: Float64Array.from(places, ({ timestamp }) => timestamp),
          offsets: Float64Array.from(places, ({ offset }) => offset),
          watermarks: Float64Array.from(places, ({ watermark }) => watermark),
          headers: hasHeaders ? places.map(({ headers }) => headers) : null,
          tombstones: null,
        },
        selection: null,
      }),
    )
    this.#begin()
  }

  #begin(): void {
    this.#builders = this.#schema.fields.map(({ type }) => columnBuilder(type))
    this.#keys = columnBuilder(KEY_TYPE)
    this.#places = []
  }
}
