/**
 * Copies cells of many batches into the buffers of one Arrow column: the one gather between a
 * batch and an Arrow body. No cell becomes a JavaScript value, but for `json`, whose text is made.
 *
 * What is taken is given away. A slot whose cell is null holds what was there, or nothing.
 */
import type { Column, DataType, TypeKind } from '@millrace/core'
import type { BufferPool } from './buffer-pool.ts'
import { BytesGatherer, JsonGatherer } from './bytes-gatherer.ts'
import { DictionaryGatherer } from './dictionary-gatherer.ts'
import { BitsGatherer, WordsGatherer } from './fixed-gatherer.ts'
import { ListGatherer, StructGatherer } from './nested-gatherer.ts'

/** What a column of a record batch is in an IPC body. */
export interface Gathered {
  readonly length: number
  readonly nullCount: number
  /** A bit for each cell that is there; empty = all are. */
  readonly validity: Uint8Array
  /** Begins and ends of texts or bytes: one more than there are cells. */
  readonly offsets?: Int32Array
  /** None: what is in lists and structs is in `children`. */
  readonly values?: Int32Array | Uint8Array
  readonly children?: readonly Gathered[]
}

export interface Gatherer {
  /** Bytes that the cells take, about. */
  readonly size: number
  /**
   * Appends cells `indices[from]` to `indices[to - 1]`; indices ascend.
   * @throws ENCODE_FAILED with the column when a cell has no form here.
   */
  append(column: Column, indices: Int32Array, from: number, to: number): void
  /** Forgets all but the first cells. */
  truncate(length: number): void
  /** The cells, given away; the gatherer goes on empty. */
  take(): Gathered
}

type Make = (pool: BufferPool, name: string, type: DataType) => Gatherer

const GATHERERS: { readonly [K in TypeKind]: Make } = {
  string: pool => new BytesGatherer(pool),
  bytes: pool => new BytesGatherer(pool),
  boolean: () => new BitsGatherer(),
  int32: pool => new WordsGatherer(1, pool),
  int64: pool => new WordsGatherer(2, pool),
  float64: pool => new WordsGatherer(2, pool),
  decimal: pool => new WordsGatherer(4, pool),
  timestamp: pool => new WordsGatherer(2, pool),
  list: (pool, name, { item }) => new ListGatherer(within(item as DataType, name, pool)),
  struct: (pool, name, { fields }) =>
    new StructGatherer(
      fields.map(({ type }) => ({ isNullable: type.isNullable, cells: within(type, name, pool) })),
    ),
  json: (pool, name) => new JsonGatherer(name, pool),
}

/** Of what is in a list or a struct. */
function within(type: DataType, name: string, pool: BufferPool): Gatherer {
  return gathererOf({ type, name, isDictionary: false }, pool)
}

export interface GatheredColumn {
  readonly type: DataType
  readonly name: string
  readonly isDictionary: boolean
}

export function gathererOf(column: GatheredColumn, pool: BufferPool): Gatherer {
  const { type, name, isDictionary } = column
  return isDictionary ? new DictionaryGatherer(pool) : GATHERERS[type.kind](pool, name, type)
}
