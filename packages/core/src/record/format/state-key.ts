/**
 * The key of a state entry, in the state backend and in the changelog:
 *
 *   varint store (from 1), window end in ms as sortable integer (8 bytes), group key to the end
 *
 * so that the entries of a window that closes are neighbours, in the order of their group keys. The
 * store 0 is the task's own: the single byte 00 is the key of its epoch marker.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { formatError } from './format-check.ts'
import { readSortableInteger, writeSortableInteger } from './sortable.ts'

export interface StateKey {
  readonly store: number
  /** Epoch milliseconds. */
  readonly windowEnd: number
  /** A view into the key's bytes. */
  readonly groupKey: Buffer
}

/** The key of the epoch marker in a task's changelog. */
export const MARKER_KEY: Uint8Array = Uint8Array.of(0)

const WHAT = 'state key'

export function writeStateKey(
  store: number,
  windowEnd: number,
  groupKey: Uint8Array,
  out: ByteWriter,
): void {
  writeBucketKey(store, windowEnd, out)
  out.bytes(groupKey)
}

/** What the keys of a bucket begin with. */
export function writeBucketKey(store: number, windowEnd: number, out: ByteWriter): void {
  out.unsigned(store)
  writeSortableInteger(windowEnd, out)
}

/** Where the entries of a bucket begin. */
export function bucketKey(store: number, bucket: number): Uint8Array {
  const out = new ByteWriter(20)
  writeBucketKey(store, bucket, out)
  return out.copy()
}

/** The keys of a store: from the first to before the second. */
export function storeRange(store: number): [from: Uint8Array, to: Uint8Array] {
  const out = new ByteWriter(10)
  out.unsigned(store)
  const to = out.copy()
  // The last byte of a varint is below 80, and no varint is the beginning of another.
  to[to.length - 1] = (to.at(-1) as number) + 1
  return [out.copy(), to]
}

/** The store a key belongs to; 0 for the marker. @throws FORMAT_UNKNOWN */
export function storeOfKey(bytes: Uint8Array): number {
  return new ByteReader(bytes, WHAT).unsigned()
}

/** @throws FORMAT_UNKNOWN, also for the marker's key. */
export function readStateKey(bytes: Uint8Array): StateKey {
  const from = new ByteReader(bytes, WHAT)
  const store = from.unsigned()
  if (store === 0) throw formatError(WHAT, 'a store from 1', 'store 0')
  const windowEnd = readSortableInteger(from)
  return { store, windowEnd, groupKey: from.bytes(from.left) }
}

/** The key of what says from where on a changelog is whole. */
export const CHANGELOG_BASE_KEY: Uint8Array = Uint8Array.of(0, 2)

/** The key of the position of local state; in no changelog. */
export const LOCAL_POSITION_KEY: Uint8Array = Uint8Array.of(0, 1)
