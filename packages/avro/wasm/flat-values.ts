/**
 * The values of flat Avro records, each read into the column of its step (flat-scan.ts).
 *
 *   step = kind i32 | size i32 | values i32 | sizes i32 | present i32 | where it says that nulls
 *          were i32 | bytes of a cell i32, 0 = a bit | 4 free | units u64; values 0 = not read
 *
 *   kind      size                              units
 *   fixed     of the value                      -
 *   symbol    how many there are                where their starts and sizes stand, i32 each; a
 *                                               start that is not below zero = refused
 *   union     how many of the next steps are    -
 *             its branches
 *   time      -                                 of the number in a millisecond
 */

import { characterEnd } from '../../core/wasm/strings.ts'

export const STEP_BYTES: usize = 40
export const SIZE: usize = 4
export const VALUES: usize = 8
export const SIZES: usize = 12
const PRESENT: usize = 16
const HAD_NULLS: usize = 20
const WIDTH: usize = 24
export const UNITS: usize = 32

export const NULL: i32 = 0
export const BOOLEAN: i32 = 1
export const INT: i32 = 2
const INT_AS_LONG: i32 = 3
const INT_AS_DOUBLE: i32 = 4
const LONG: i32 = 5
const SAFE: i32 = 6
export const TIME: i32 = 7
export const LONG_AS_DOUBLE: i32 = 8
export const FLOAT: i32 = 9
export const DOUBLE: i32 = 10
export const BYTES: i32 = 11
export const TEXT: i32 = 12
export const FIXED: i32 = 13
export const SYMBOL: i32 = 14
export const UNION: i32 = 15

const SAFE_MAX: i64 = 9007199254740991
const TIME_MAX: i64 = 8640000000000000
export const HIGH_BITS: u64 = 0x8080808080808080
const LOW_BITS: u64 = 0x7f7f7f7f7f7f7f7f

/** What positions of the data are counted from. */
export let origin: usize = 0
/** The number that `longEnd` read last. */
export let word: i64 = 0

export function setOrigin(base: usize): void {
  origin = base
}

/** The step behind one, and behind its branches. */
export function stepEnd(step: usize): usize {
  if (load<i32>(step) !== UNION) return step + STEP_BYTES
  return step + (<usize>load<u32>(step, SIZE) + 1) * STEP_BYTES
}

/** Reads the value of a union; 0 = refused. */
export function branchEnd(step: usize, from: usize, end: usize, index: i32): usize {
  const branches: u64 = load<u32>(step, SIZE)
  const at = longEnd(from)
  if (at === 0 || at > end || <u64>word >= branches) return 0
  return valueEnd(step + (<usize>word + 1) * STEP_BYTES, at, end, index)
}

/** Reads the value at `at`, which is not behind the end, into its column; 0 = refused. */
export function valueEnd(step: usize, at: usize, end: usize, index: i32): usize {
  const values: usize = load<u32>(step, VALUES)
  const kind = load<i32>(step)
  switch (kind) {
    case BYTES:
    case TEXT: {
      const from = longEnd(at)
      if (from === 0 || from > end || <u64>word > <u64>(end - from)) return 0
      return rangeEnd(step, from, <usize>word, index)
    }
    case DOUBLE:
      if (values !== 0) store<f64>(values + ((<usize>index) << 3), load<f64>(at))
      return at + 8
    case LONG:
    case SAFE:
    case TIME:
    case LONG_AS_DOUBLE:
    case INT:
    case INT_AS_LONG:
    case INT_AS_DOUBLE:
      return wholeEnd(step, at, index)
    case FLOAT:
      if (values !== 0) store<f64>(values + ((<usize>index) << 3), <f64>load<f32>(at))
      return at + 4
    case BOOLEAN: {
      const byte: u32 = load<u8>(at)
      if (byte > 1) return 0
      if (values !== 0) {
        const place = values + (<usize>index >> 3)
        store<u8>(place, <u32>load<u8>(place) | (byte << (index & 7)))
      }
      return at + 1
    }
    case NULL:
      setNull(step, index)
      return at
    case SYMBOL:
      return symbolEnd(step, at, index)
    case FIXED:
      return keptEnd(step, at, load<u32>(step, SIZE), index)
    default:
      return 0
  }
}

function wholeEnd(step: usize, at: usize, index: i32): usize {
  const behind = longEnd(at)
  if (behind === 0) return 0
  const kind = load<i32>(step)
  if (kind === TIME) {
    if (!isTime(step)) return 0
  } else if (word > greatestOf(kind) || word < leastOf(kind)) return 0
  const values: usize = load<u32>(step, VALUES)
  if (values !== 0) putWhole(kind, values, index, word)
  return behind
}

/** The greatest number of a kind. */
export function greatestOf(kind: i32): i64 {
  if (kind <= INT_AS_DOUBLE) return i32.MAX_VALUE
  if (kind === SAFE) return SAFE_MAX
  return kind === TIME ? TIME_MAX : i64.MAX_VALUE
}

/** As far from 0 as the greatest one, and of some kinds one further. */
export function leastOf(kind: i32): i64 {
  const greatest = greatestOf(kind)
  return kind === SAFE || kind === TIME ? -greatest : ~greatest
}

export function putWhole(kind: i32, values: usize, index: i32, whole: i64): void {
  const place = values + ((<usize>index) << 3)
  if (kind === INT) store<i32>(values + ((<usize>index) << 2), <i32>whole)
  else if (kind === INT_AS_DOUBLE || kind === LONG_AS_DOUBLE) store<f64>(place, <f64>whole)
  else store<i64>(place, whole)
}

/** Has `word` be epoch milliseconds, cut off towards the past. */
function isTime(step: usize): bool {
  const units: i64 = load<i64>(step, UNITS)
  if (units !== 1) {
    const quotient: i64 = word / units
    word = word % units < 0 ? quotient - 1 : quotient
  }
  return word <= TIME_MAX && word >= -TIME_MAX
}

function rangeEnd(step: usize, from: usize, size: usize, index: i32): usize {
  if (load<i32>(step) === TEXT && !isText(from, from + size)) return 0
  return keptEnd(step, from, size, index)
}

function keptEnd(step: usize, from: usize, size: usize, index: i32): usize {
  const values: usize = load<u32>(step, VALUES)
  if (values !== 0) {
    store<u32>(values + ((<usize>index) << 2), <u32>(from - origin))
    store<u32>(<usize>load<u32>(step, SIZES) + ((<usize>index) << 2), <u32>size)
  }
  return from + size
}

function symbolEnd(step: usize, at: usize, index: i32): usize {
  const behind = longEnd(at)
  if (behind === 0 || <u64>word >= <u64>load<u32>(step, SIZE)) return 0
  const symbol: usize = <usize>load<u32>(step, UNITS) + ((<usize>word) << 3)
  const start = load<i32>(symbol)
  if (start >= 0) return 0
  const values: usize = load<u32>(step, VALUES)
  if (values !== 0) {
    store<i32>(values + ((<usize>index) << 2), start)
    store<i32>(<usize>load<u32>(step, SIZES) + ((<usize>index) << 2), load<i32>(symbol, 4))
  }
  return behind
}

/** The zig-zag long at `at`, in `word`; 0 = it has more bits than 64. */
export function longEnd(at: usize): usize {
  const bytes: u64 = load<u64>(at)
  const stops = ~bytes & HIGH_BITS
  if (stops === 0) return longerEnd(at, joined(bytes & LOW_BITS))
  const stop = ctz(stops)
  word = wholeOf(bytes, stop)
  return at + <usize>(stop >> 3) + 1
}

/** The long whose last byte has its high bit, which is not set, at `stop`. */
export function wholeOf(bytes: u64, stop: u64): i64 {
  if (stop === 7) return signed(bytes & 0x7f)
  return signed(joined(bytes & LOW_BITS & (u64.MAX_VALUE >> (63 - stop))))
}

/** A long of nine or ten bytes, of which these are the bits of eight. */
function longerEnd(at: usize, bits: u64): usize {
  const ninth: u64 = load<u8>(at, 8)
  const all: u64 = bits | ((ninth & 0x7f) << 56)
  if (ninth < 0x80) {
    word = signed(all)
    return at + 9
  }
  const tenth: u64 = load<u8>(at, 9)
  if (tenth > 1) return 0
  word = signed(all | (tenth << 63))
  return at + 10
}

/** The seven lower bits of each of eight bytes side by side. */
function joined(bytes: u64): u64 {
  const pairs: u64 = (bytes & 0x007f007f007f007f) | ((bytes & 0x7f007f007f007f00) >> 1)
  const fours: u64 = (pairs & 0x00003fff00003fff) | ((pairs & 0x3fff00003fff0000) >> 2)
  return (fours & 0x0fffffff) | ((fours & 0x0fffffff00000000) >> 4)
}

function signed(bits: u64): i64 {
  return <i64>(bits >> 1) ^ -(<i64>(bits & 1))
}

/** Whether the bytes are UTF-8 in the shortest form, without surrogates. */
function isText(from: usize, end: usize): bool {
  let at = from
  while (at < end) {
    let others: i32 = i8x16.bitmask(v128.load(at))
    const left = end - at
    if (left < 16) others &= (1 << (<i32>left)) - 1
    if (others === 0) {
      at += 16
      continue
    }
    at = characterEnd(at + <usize>ctz(others))
    if (at === 0 || at > end) return false
  }
  return true
}

export function setNull(step: usize, index: i32): void {
  if (load<u32>(step, VALUES) === 0) return
  clear(step, index)
  store<i32>(<usize>load<u32>(step, HAD_NULLS), 1)
  const place = <usize>load<u32>(step, PRESENT) + (<usize>index >> 3)
  store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))
}

/** What a cell without a value holds. */
export function clear(step: usize, index: i32): void {
  const values: usize = load<u32>(step, VALUES)
  if (values === 0) return
  const width: usize = load<u32>(step, WIDTH)
  if (width === 0) {
    const place = values + (<usize>index >> 3)
    store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))
  } else if (width === 4) store<u32>(values + ((<usize>index) << 2), 0)
  else store<u64>(values + ((<usize>index) << 3), 0)
  const sizes: usize = load<u32>(step, SIZES)
  if (sizes !== 0) store<u32>(sizes + ((<usize>index) << 2), 0)
}
