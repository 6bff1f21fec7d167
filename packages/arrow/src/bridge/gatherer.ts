/**
 * Copies cells of many batches into the buffers of one Arrow column: the one gather between a
 * batch and an Arrow body. No cell becomes a JavaScript value, but for `json`, whose text is made.
 *
 * What is taken is given away. A slot whose cell is null holds what was there, or nothing.
 */
import type { Column, TypeKind } from '@millrace/core'
import type { BufferPool } from './buffer-pool.ts'
import { BytesGatherer, JsonGatherer } from './bytes-gatherer.ts'
import { DictionaryGatherer } from './dictionary-gatherer.ts'
import { BitsGatherer, WordsGatherer } from './fixed-gatherer.ts'

/** What a column of a record batch is in an IPC body. */
export interface Gathered {
  readonly length: number
  readonly nullCount: number
  /** A bit for each cell that is there; empty = all are. */
  readonly validity: Uint8Array
  /** Begins and ends of texts or bytes: one more than there are cells. */
  readonly offsets?: Int32Array
  readonly values: Int32Array | Uint8Array
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

const GATHERERS: { readonly [K in TypeKind]: (name: string, pool: BufferPool) => Gatherer } = {
  string: (_, pool) => new BytesGatherer(pool),
  bytes: (_, pool) => new BytesGatherer(pool),
  boolean: () => new BitsGatherer(),
  int32: (_, pool) => new WordsGatherer(1, pool),
  int64: (_, pool) => new WordsGatherer(2, pool),
  float64: (_, pool) => new WordsGatherer(2, pool),
  decimal: (_, pool) => new WordsGatherer(4, pool),
  timestamp: (_, pool) => new WordsGatherer(2, pool),
  json: (name, pool) => new JsonGatherer(name, pool),
}

export interface GatheredColumn {
  readonly kind: TypeKind
  readonly name: string
  readonly isDictionary: boolean
}

export function gathererOf(column: GatheredColumn, pool: BufferPool): Gatherer {
  const { kind, name, isDictionary } = column
  return isDictionary ? new DictionaryGatherer(pool) : GATHERERS[kind](name, pool)
}
