/**
 * A step of a block of records: the next value of each of them, into one column.
 *
 * A record has a cursor, where its next value begins, and an end. Whatever is not common is left to
 * flat-values.ts.
 */

import {
  branchEnd,
  DOUBLE,
  greatestOf,
  HIGH_BITS,
  INT,
  LONG_AS_DOUBLE,
  leastOf,
  origin,
  putWhole,
  SIZES,
  TEXT,
  TIME,
  UNION,
  UNITS,
  VALUES,
  valueEnd,
  wholeOf,
} from './flat-values.ts'

/** In place of a cursor: the record is refused, or null. */
export const NOWHERE: usize = 0
/** Bytes of text that are looked at at once. */
const SHORT: usize = 16

/** Reads a value of each record, and has its cursor be behind it. */
export function readStep(step: usize, cursors: usize, ends: usize, first: i32, count: i32): void {
  const kind = load<i32>(step)
  if (kind === TEXT) readText(step, cursors, ends, first, count)
  else if (kind === DOUBLE) readDouble(step, cursors, ends, first, count)
  else if (isPlainWhole(step)) readWhole(step, cursors, ends, first, count)
  else readOther(step, cursors, ends, first, count)
}

function readOther(step: usize, cursors: usize, ends: usize, first: i32, count: i32): void {
  const isUnion = load<i32>(step) === UNION
  for (let nth: i32 = 0; nth < count; nth++) {
    const place = cursors + ((<usize>nth) << 2)
    const at: usize = load<u32>(place)
    if (at === NOWHERE) continue
    const end: usize = load<u32>(ends + ((<usize>nth) << 2))
    const index = first + nth
    const behind = isUnion ? branchEnd(step, at, end, index) : valueEnd(step, at, end, index)
    store<u32>(place, <u32>(behind > end ? NOWHERE : behind))
  }
}

/** Perf: text of up to 16 bytes is what most fields are. */
function readText(step: usize, cursors: usize, ends: usize, first: i32, count: i32): void {
  const isKept = load<u32>(step, VALUES) !== 0
  let values: usize = <usize>load<u32>(step, VALUES) + ((<usize>first) << 2)
  let sizes: usize = <usize>load<u32>(step, SIZES) + ((<usize>first) << 2)
  for (let nth: i32 = 0; nth < count; nth++) {
    const place = cursors + ((<usize>nth) << 2)
    const at: usize = load<u32>(place)
    const end: usize = load<u32>(ends + ((<usize>nth) << 2))
    let behind = NOWHERE
    if (at !== NOWHERE) {
      const twice: usize = load<u8>(at)
      const size = twice >> 1
      const others = i8x16.bitmask(v128.load(at, 1)) & ((1 << (<i32>size)) - 1)
      if ((twice & 1) === 0 && size <= SHORT && others === 0) {
        if (isKept) {
          store<u32>(values, <u32>(at + 1 - origin))
          store<u32>(sizes, <u32>size)
        }
        behind = at + 1 + size
      } else behind = valueEnd(step, at, end, first + nth)
    }
    values += 4
    sizes += 4
    store<u32>(place, <u32>(behind > end ? NOWHERE : behind))
  }
}

function readDouble(step: usize, cursors: usize, ends: usize, first: i32, count: i32): void {
  const isKept = load<u32>(step, VALUES) !== 0
  let values: usize = <usize>load<u32>(step, VALUES) + ((<usize>first) << 3)
  for (let nth: i32 = 0; nth < count; nth++) {
    const place = cursors + ((<usize>nth) << 2)
    const at: usize = load<u32>(place)
    const behind = at + 8
    if (at !== NOWHERE) {
      if (isKept) store<f64>(values, load<f64>(at))
      const isBeyond = behind > <usize>load<u32>(ends + ((<usize>nth) << 2))
      store<u32>(place, <u32>(isBeyond ? NOWHERE : behind))
    }
    values += 8
  }
}

/** Perf: numbers of up to eight bytes, which most are, without a call for each. */
function readWhole(step: usize, cursors: usize, ends: usize, first: i32, count: i32): void {
  const kind = load<i32>(step)
  const values: usize = load<u32>(step, VALUES)
  const greatest = greatestOf(kind)
  const least = leastOf(kind)
  for (let nth: i32 = 0; nth < count; nth++) {
    const place = cursors + ((<usize>nth) << 2)
    const at: usize = load<u32>(place)
    if (at === NOWHERE) continue
    const end: usize = load<u32>(ends + ((<usize>nth) << 2))
    const bytes: u64 = load<u64>(at)
    const stops = ~bytes & HIGH_BITS
    const stop = ctz(stops)
    let behind = at + <usize>(stop >> 3) + 1
    if (stops !== 0) {
      const whole = wholeOf(bytes, stop)
      if (whole < least || whole > greatest) behind = NOWHERE
      else if (values !== 0) putWhole(kind, values, first + nth, whole)
    } else behind = valueEnd(step, at, end, first + nth)
    store<u32>(place, <u32>(behind > end ? NOWHERE : behind))
  }
}

function isPlainWhole(step: usize): bool {
  const kind = load<i32>(step)
  if (kind === TIME) return load<i64>(step, UNITS) === 1
  return kind >= INT && kind <= LONG_AS_DOUBLE
}
