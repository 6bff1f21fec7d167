/**
 * What entries count for in the memory of state, in estimated bytes.
 */
import type { ValueWeight } from './cells.ts'

/**
 * Perf: what an entry takes beside its value and the bytes of its key, with the half of the arrays
 * that is free right after they have grown: its fields, its place, those of its key. Measured on
 * Node 20 as heap and buffers after a collection, keys of 6 bytes, with 270,000 entries (the worst)
 * and 500,000: with count 211 and 122 bytes an entry in all, with count and an integer sum 245 and
 * 138, with count and a float sum 273 and 155; the estimates are 212, 252 and 252.
 */
const ENTRY_BYTES = 152
/** V8 collects its old objects when there are as many again that were let go. */
const OBJECTS_TIMES = 1.25
/**
 * What is held for the commit is there once more, sealed. Of an entry in arrays that is a part in
 * so many.
 *
 * Perf: with all of it, and arrays counted as objects are, 50,000 changed windows wanted a commit.
 * Hopping 10 s by 1 s with 10,000 keys, 100,000 open windows, came to 8,000 records a second with a
 * checkpoint under way most of the time.
 */
const ARRAYS_PER_SEALED = 3

/** What an entry takes: whole bytes, which come and go without a rest. */
export function usedBytes(weight: ValueWeight, keyBytes: number, storedBytes: number): number {
  const bytes = ENTRY_BYTES + keyBytes + weight.bytes + weight.perByte * storedBytes
  return isInArrays(weight)
    ? Math.round(bytes / ARRAYS_PER_SEALED) * ARRAYS_PER_SEALED
    : Math.round(bytes * OBJECTS_TIMES)
}

/** The part of it that counts as held until it was committed. */
export function heldBytes(weight: ValueWeight, bytes: number): number {
  return isInArrays(weight) ? bytes / ARRAYS_PER_SEALED : bytes
}

function isInArrays({ perByte }: ValueWeight): boolean {
  return perByte === 0
}
