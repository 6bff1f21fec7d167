/**
 * Blocks of records that lie alike: the values of each begin where they begin in the first one, and
 * all text is ASCII. Ids, times and codes are as long in one record as in another.
 *
 * The first record says how the others must look, as a model and a mask: sizes and branches are the
 * same bytes, numbers have as many bytes, bytes of text are below 128. So sixteen bytes of a record
 * are compared at once, and columns are filled one after the other.
 */

import { NOWHERE, readStep } from './flat-steps.ts'
import {
  BOOLEAN,
  BYTES,
  DOUBLE,
  FIXED,
  FLOAT,
  NULL,
  origin,
  SIZE,
  SIZES,
  STEP_BYTES,
  SYMBOL,
  stepEnd,
  TEXT,
  UNION,
  VALUES,
  longEnd as wholeEnd,
  word,
} from './flat-values.ts'

/** Of a record. */
const BYTES_MAX: usize = 256
const model: usize = memory.data(272, 16)
const mask: usize = memory.data(272, 16)

/** A value to read: its step, where it is in a record, how many bytes of text or bytes it has. */
const VALUE_BYTES: usize = 12
const VALUES_MAX: usize = 64
const found: usize = memory.data(768, 16)
let foundEnd: usize = 0
/** Where the record begins that the model is made of. */
let first: usize = 0
/** Where the value of each record is. */
const places: usize = memory.data(512, 16)

const SAME: u8 = 0xff
const HIGH_BIT: u8 = 0x80

/**
 * Reads a block of records, whose values lie between the cursors and the ends given.
 * @returns false: it is to be read in another way
 */
export function isReadAlike(
  steps: usize,
  stepsEnd: usize,
  cursors: usize,
  ends: usize,
  from: i32,
  count: i32,
): bool {
  const at: usize = load<u32>(cursors)
  const size: usize = <usize>load<u32>(ends) - at
  if (at === NOWHERE || size > BYTES_MAX) return false
  memory.fill(mask, 0, size + 15)
  if (!isModel(steps, stepsEnd, at, size)) return false
  for (let nth: usize = 0; nth < <usize>count; nth++) {
    const start: usize = load<u32>(cursors + (nth << 2))
    if (start === NOWHERE || <usize>load<u32>(ends + (nth << 2)) - start !== size) return false
    if (!isAlike(start, size)) return false
  }
  for (let value = found; value < foundEnd; value += VALUE_BYTES) {
    const step: usize = load<u32>(value)
    const offset: usize = load<u32>(value, 4)
    if (!isRead(step, cursors, ends, offset, load<u32>(value, 8), from, count)) return false
  }
  return true
}

function isAlike(at: usize, size: usize): bool {
  let others = i64x2.splat(0)
  for (let i: usize = 0; i < size; i += 16) {
    const changed = v128.xor(v128.load(at + i), v128.load(model + i))
    others = v128.or(others, v128.and(changed, v128.load(mask + i)))
  }
  return !v128.any_true(others)
}

/** Has a record be the model, and its values be found; false: it is not valid, or unusual. */
function isModel(steps: usize, stepsEnd: usize, from: usize, size: usize): bool {
  const end = from + size
  first = from
  foundEnd = found
  let at = from
  for (let step = steps; step < stepsEnd; step = stepEnd(step)) {
    let chosen = step
    if (load<i32>(step) === UNION) {
      at = longEnd(at, end, SAME)
      if (at === 0 || <u64>word >= <u64>load<u32>(step, SIZE)) return false
      chosen += (<usize>word + 1) * STEP_BYTES
    }
    at = valueFound(chosen, at, end)
    const isTooMany = foundEnd === found + VALUES_MAX * VALUE_BYTES
    if (at === 0 || at > end || isTooMany) return false
  }
  return at === end
}

/** Has the model say where a value is; 0 = it is not valid. */
function valueFound(step: usize, at: usize, end: usize): usize {
  const isKept = load<u32>(step, VALUES) !== 0
  const kind = load<i32>(step)
  switch (kind) {
    case BYTES:
    case TEXT: {
      const from = longEnd(at, end, SAME)
      if (from === 0 || <u64>word > <u64>(end - from)) return 0
      const size = <usize>word
      if (isKept) find(step, from, size)
      if (kind === TEXT) {
        memory.fill(mask + (from - first), HIGH_BIT, size)
        memory.fill(model + (from - first), 0, size)
      }
      return from + size
    }
    case FIXED:
      if (isKept) find(step, at, load<u32>(step, SIZE))
      return at + <usize>load<u32>(step, SIZE)
    case DOUBLE:
    case FLOAT:
      if (isKept) find(step, at, 0)
      return at + (kind === DOUBLE ? 8 : 4)
    // The bytes of others may be none of theirs: they are looked at, kept or not.
    case NULL:
    case BOOLEAN:
      find(step, at, 0)
      return kind === BOOLEAN ? at + 1 : at
    default:
      if (kind > SYMBOL) return 0
      find(step, at, 0)
      return longEnd(at, end, HIGH_BIT)
  }
}

/** Reads a long, whose bytes have these bits in all records; 0 = it is not valid. */
function longEnd(at: usize, end: usize, bits: u8): usize {
  const behind = wholeEnd(at)
  if (behind > end) return 0
  for (let byte = at; byte < behind; byte++) {
    store<u8>(mask + (byte - first), bits)
    store<u8>(model + (byte - first), load<u8>(byte) & bits)
  }
  return behind
}

function find(step: usize, at: usize, size: usize): void {
  store<u32>(foundEnd, <u32>step)
  store<u32>(foundEnd, <u32>(at - first), 4)
  store<u32>(foundEnd, <u32>size, 8)
  foundEnd += VALUE_BYTES
}

/** Reads a value of each record. */
function isRead(
  step: usize,
  cursors: usize,
  ends: usize,
  offset: usize,
  size: usize,
  from: i32,
  count: i32,
): bool {
  const kind = load<i32>(step)
  const values: usize = load<u32>(step, VALUES)
  if (kind === TEXT || kind === BYTES || kind === FIXED) {
    const starts = values + ((<usize>from) << 2)
    const sizes: usize = <usize>load<u32>(step, SIZES) + ((<usize>from) << 2)
    for (let nth: usize = 0; nth < <usize>count; nth++) {
      const at: usize = load<u32>(cursors + (nth << 2))
      store<u32>(starts + (nth << 2), <u32>(at + offset - origin))
      store<u32>(sizes + (nth << 2), <u32>size)
    }
    return true
  }
  if (kind === DOUBLE) {
    const cells = values + ((<usize>from) << 3)
    for (let nth: usize = 0; nth < <usize>count; nth++) {
      const at: usize = load<u32>(cursors + (nth << 2))
      store<f64>(cells + (nth << 3), load<f64>(at + offset))
    }
    return true
  }
  for (let nth: usize = 0; nth < <usize>count; nth++) {
    store<u32>(places + (nth << 2), load<u32>(cursors + (nth << 2)) + <u32>offset)
  }
  readStep(step, places, ends, from, count)
  for (let nth: usize = 0; nth < <usize>count; nth++) {
    if (load<u32>(places + (nth << 2)) === NOWHERE) return false
  }
  return true
}
