/**
 * The scan of flat Avro records in WebAssembly, in AssemblyScript. packages/avro/wasm/build.mjs
 * compiles it into src/codec/flat-scan-module.ts; a test sees that both say the same.
 *
 * It reads values without a structure, one after the other, as the steps say: a step of a block of
 * records, then the next step, so that what a step is to do is looked up once for all of them. A
 * record in which anything is not valid it refuses, by number; the generated scan then reads that
 * one. So it may refuse too much, never too little, and what it takes must be what the clear
 * decoder gives.
 *
 * Bytes behind the end of a record may be looked at (there are 64 zeros behind the last one), but
 * nothing is taken from there: a position that has passed the end is refused at once.
 */

import { isReadAlike } from './flat-alike.ts'
import { NOWHERE, readStep } from './flat-steps.ts'
import { clear, origin, STEP_BYTES, setNull, setOrigin, stepEnd } from './flat-values.ts'

/** Bytes of an id in front of a record. */
const ID_HEAD: usize = 5
/** Records of a block, whose bytes stay near; few of them cost more for each step. */
const BLOCK: i32 = 128
/** Where the next value of each record of the block begins, and where the record ends. */
const cursors: usize = memory.data(4 * 128, 16)
const ends: usize = memory.data(4 * 128, 16)
/** The first record of the batch, whose id the others must have; 0 = there was none yet. */
let model: usize = 0

/**
 * Scans `count` records, whose starts (from `base`) and sizes are given, all of them between `low`
 * and `high`; those that are not are refused, and those that are shorter than the `head` bytes in
 * front of what is read. Where these are the byte and the word of an id, records are refused that
 * have not the same as the first one. Writes the numbers of refused records to `refused`, and gives
 * how many there are.
 */
export function scan(
  steps: usize,
  stepCount: i32,
  head: usize,
  base: usize,
  low: usize,
  high: usize,
  starts: usize,
  sizes: usize,
  count: i32,
  refused: usize,
): i32 {
  const stepsEnd = steps + <usize>stepCount * STEP_BYTES
  setOrigin(base)
  model = 0
  let out = refused
  for (let first: i32 = 0; first < count; first += BLOCK) {
    const size = min(BLOCK, count - first)
    open(head, low, high, starts + ((<usize>first) << 2), sizes + ((<usize>first) << 2), size)
    if (isReadAlike(steps, stepsEnd, cursors, ends, first, size)) continue
    for (let step = steps; step < stepsEnd; step = stepEnd(step)) {
      readStep(step, cursors, ends, first, size)
    }
    for (let nth: i32 = 0; nth < size; nth++) {
      const end: usize = load<u32>(ends + ((<usize>nth) << 2))
      if (<usize>load<u32>(cursors + ((<usize>nth) << 2)) === end && end !== NOWHERE) continue
      const index = first + nth
      const isNull = end === NOWHERE
      for (let step = steps; step < stepsEnd; step += STEP_BYTES) {
        if (isNull) setNull(step, index)
        else clear(step, index)
      }
      if (isNull) continue
      store<i32>(out, index)
      out += 4
    }
  }
  return <i32>((out - refused) >> 2)
}

/** Puts the cursors of a block behind the heads of its records. */
function open(head: usize, low: usize, high: usize, starts: usize, sizes: usize, count: i32): void {
  for (let nth: usize = 0; nth < <usize>count; nth++) {
    const place = nth << 2
    const size = load<i32>(sizes + place)
    const from = origin + <usize>load<u32>(starts + place)
    let end: usize = NOWHERE
    let at: usize = NOWHERE
    if (size >= 0) {
      end = from + <usize>size
      const isInside = from >= low && from <= high && <usize>size <= high - from
      if (isInside && <usize>size >= head) {
        if (model === 0) model = from
        if (head !== ID_HEAD || isSameId(from, model)) at = from + head
      }
      // It must not be taken for a null.
      if (end === NOWHERE) end = high + 1
    }
    store<u32>(cursors + place, <u32>at)
    store<u32>(ends + place, <u32>end)
  }
}

function isSameId(from: usize, other: usize): bool {
  return load<u8>(from) === load<u8>(other) && load<u32>(from, 1) === load<u32>(other, 1)
}
