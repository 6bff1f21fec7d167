/**
 * The scan of flat Avro records in WebAssembly, in AssemblyScript. packages/avro/wasm/build.mjs
 * compiles it into src/codec/flat-scan-module.ts; a test sees that both say the same.
 *
 * It reads values without a structure, one after the other, as the steps say. A record in which
 * anything is not valid it refuses, by number; the generated scan then reads that one. So it may
 * refuse too much, never too little, and what it takes must be what the clear decoder gives.
 *
 * Bytes behind the end of a record may be looked at (there are 64 zeros behind the last one), but
 * nothing is taken from there: a position that has passed the end is refused at once.
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

const STEP_BYTES: usize = 40
const SIZE: usize = 4
const VALUES: usize = 8
const SIZES: usize = 12
const PRESENT: usize = 16
const HAD_NULLS: usize = 20
const WIDTH: usize = 24
const UNITS: usize = 32

const NULL: i32 = 0
const BOOLEAN: i32 = 1
const INT: i32 = 2
const INT_AS_LONG: i32 = 3
const INT_AS_DOUBLE: i32 = 4
const LONG: i32 = 5
const SAFE: i32 = 6
const TIME: i32 = 7
const LONG_AS_DOUBLE: i32 = 8
const FLOAT: i32 = 9
const DOUBLE: i32 = 10
const BYTES: i32 = 11
const TEXT: i32 = 12
const FIXED: i32 = 13
const SYMBOL: i32 = 14
const UNION: i32 = 15

const SAFE_MAX: i64 = 9007199254740991
const TIME_MAX: i64 = 8640000000000000
/** Bytes of an id in front of a record. */
const ID_HEAD: usize = 5
/** Bytes of text that are looked at at once. */
const SHORT: usize = 16
const HIGH_BITS: u64 = 0x8080808080808080
const LOW_BITS: u64 = 0x7f7f7f7f7f7f7f7f

/** What positions of the data are counted from. */
let origin: usize = 0
/** The number read last. */
let word: i64 = 0

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
  origin = base
  let model: usize = 0
  let out = refused
  for (let index: i32 = 0; index < count; index++) {
    const size = load<i32>(sizes + ((<usize>index) << 2))
    if (size < 0) {
      for (let step = steps; step < stepsEnd; step += STEP_BYTES) setNull(step, index)
      continue
    }
    const from = base + <usize>load<u32>(starts + ((<usize>index) << 2))
    const isInside = from >= low && from <= high && <usize>size <= high - from
    if (isInside && <usize>size >= head) {
      if (model === 0) model = from
      const isSame = head !== ID_HEAD || isSameId(from, model)
      if (isSame && isRead(steps, stepsEnd, from + head, from + <usize>size, index)) continue
    }
    for (let step = steps; step < stepsEnd; step += STEP_BYTES) clear(step, index)
    store<i32>(out, index)
    out += 4
  }
  return <i32>((out - refused) >> 2)
}

function isSameId(from: usize, model: usize): bool {
  return load<u8>(from) === load<u8>(model) && load<u32>(from, 1) === load<u32>(model, 1)
}

/** Reads a record; false: it is refused, and its cells are of no meaning. */
function isRead(steps: usize, stepsEnd: usize, from: usize, end: usize, index: i32): bool {
  let at = from
  for (let step = steps; step < stepsEnd; step += STEP_BYTES) {
    let chosen = step
    let kind = load<i32>(step)
    if (kind === UNION) {
      const branches: u64 = load<u32>(step, SIZE)
      at = longEnd(at)
      if (at === 0 || at > end || <u64>word >= branches) return false
      chosen += (<usize>word + 1) * STEP_BYTES
      step += <usize>branches * STEP_BYTES
      kind = load<i32>(chosen)
    }
    // Perf: short text is what most fields are.
    const size: usize = load<u8>(at)
    if (kind === TEXT && (size & 1) === 0 && size <= 2 * SHORT) at = shortEnd(chosen, at, index)
    else at = valueEnd(chosen, at, end, index)
    if (at === 0 || at > end) return false
  }
  return at === end
}

/** Reads text of up to 16 bytes. */
function shortEnd(step: usize, at: usize, index: i32): usize {
  const size: usize = <usize>load<u8>(at) >> 1
  const from = at + 1
  const others = i8x16.bitmask(v128.load(from)) & ((1 << (<i32>size)) - 1)
  if (others !== 0 && !isText(from, from + size)) return 0
  return keptEnd(step, from, size, index)
}

/** Reads the value at `at`, which is not behind the end, into its column; 0 = refused. */
function valueEnd(step: usize, at: usize, end: usize, index: i32): usize {
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
  if (kind <= INT_AS_DOUBLE && word !== <i64>(<i32>word)) return 0
  if (kind === SAFE && (word > SAFE_MAX || word < -SAFE_MAX)) return 0
  if (kind === TIME && !isTime(step)) return 0
  const values: usize = load<u32>(step, VALUES)
  if (values === 0) return behind
  const place = values + ((<usize>index) << 3)
  if (kind === INT) store<i32>(values + ((<usize>index) << 2), <i32>word)
  else if (kind === INT_AS_DOUBLE || kind === LONG_AS_DOUBLE) store<f64>(place, <f64>word)
  else store<i64>(place, word)
  return behind
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
function longEnd(at: usize): usize {
  const bytes: u64 = load<u64>(at)
  if ((bytes & 0x80) === 0) {
    setWord(bytes & 0x7f)
    return at + 1
  }
  const stops = ~bytes & HIGH_BITS
  if (stops === 0) return longerEnd(at, joined(bytes & LOW_BITS))
  const stop = ctz(stops)
  setWord(joined(bytes & LOW_BITS & (u64.MAX_VALUE >> (63 - stop))))
  return at + <usize>(stop >> 3) + 1
}

/** A long of nine or ten bytes, of which these are the bits of eight. */
function longerEnd(at: usize, bits: u64): usize {
  const ninth: u64 = load<u8>(at, 8)
  const all: u64 = bits | ((ninth & 0x7f) << 56)
  if (ninth < 0x80) {
    setWord(all)
    return at + 9
  }
  const tenth: u64 = load<u8>(at, 9)
  if (tenth > 1) return 0
  setWord(all | (tenth << 63))
  return at + 10
}

/** The seven lower bits of each of eight bytes side by side. */
function joined(bytes: u64): u64 {
  const pairs: u64 = (bytes & 0x007f007f007f007f) | ((bytes & 0x7f007f007f007f00) >> 1)
  const fours: u64 = (pairs & 0x00003fff00003fff) | ((pairs & 0x3fff00003fff0000) >> 2)
  return (fours & 0x0fffffff) | ((fours & 0x0fffffff00000000) >> 4)
}

function setWord(bits: u64): void {
  word = <i64>(bits >> 1) ^ -(<i64>(bits & 1))
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

function setNull(step: usize, index: i32): void {
  if (load<u32>(step, VALUES) === 0) return
  clear(step, index)
  store<i32>(<usize>load<u32>(step, HAD_NULLS), 1)
  const place = <usize>load<u32>(step, PRESENT) + (<usize>index >> 3)
  store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))
}

/** What a cell without a value holds. */
function clear(step: usize, index: i32): void {
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
