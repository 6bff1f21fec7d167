/**
 * The scan of plain JSON records in WebAssembly, in AssemblyScript. packages/core/wasm/build.mjs
 * compiles it into src/serde/json-scan/scan-module.ts; a test sees that both say the same.
 *
 * It reads records without anything unusual: no escapes, no blanks but one behind a comma or a
 * colon, numbers without exponent, values without a structure. Every other record it refuses, by
 * number; the generated scan then reads that one. So it may refuse too much, never too little, and
 * what it takes must be what JSON.parse and the gate of the column give.
 *
 * Bytes behind the end of a record may be looked at (there are 64 zeros behind the last one), but
 * nothing is taken from there: a position that has passed the end never equals it again, and a
 * record is taken only where its last brace ends it.
 *
 *   field = kind i32 | size of the name i32 | may be null i32 | values i32 | sizes i32
 *           | present i32 | where it says that nulls were i32 | next field i32 | bit u64 | 8 free
 *           | name, with quotes and colon, 32 bytes | as many FF, 32 bytes; values 0 = not read
 */

import { digitsEnd, mantissa, numberEnd, power } from './numbers.ts'
import { specialsIn, stringEnd } from './strings.ts'

const FIELD_BYTES: usize = 112
const NAME: usize = 48
const MASK: usize = 80

const STRING: i32 = 0
const BOOLEAN: i32 = 1
const INT32: i32 = 2
const INT64: i32 = 3
const SAFE: i32 = 4
const FLOAT64: i32 = 5
const MILLISECONDS: i32 = 6

const SAFE_MAX: u64 = 9007199254740991
/** Milliseconds that look like no other unit: the years 1970 to 5138. */
const PLAIN_MIN: u64 = 10000000000
const PLAIN_MAX: u64 = 100000000000000
/** Digits that 64 bits hold, whatever they are. */
const DIGITS_MAX: usize = 18

const QUOTE: u32 = 0x22
const BLANK: u32 = 0x20
const COMMA: u32 = 0x2c
const MINUS: u32 = 0x2d
const POINT: u32 = 0x2e
const ZERO: u32 = 0x30
const COLON: u32 = 0x3a
const OPEN: u32 = 0x7b
const CLOSE: u32 = 0x7d
const NULL_WORD: u32 = 0x6c6c756e
const TRUE_WORD: u32 = 0x65757274
const FALS_WORD: u32 = 0x736c6166
const LETTER_E: u32 = 0x65

/**
 * How the last record lay: what stands before each value, from the brace or the value before it.
 *   step = field u32, 0 = nobody declared it | size of what stands before u32 | that, 32 bytes
 *          | as many FF, 32 bytes
 */
const STEP_BYTES: usize = 72
const STEPS_MAX: usize = 32
const BEFORE: usize = 8
const BEFORE_MASK: usize = 40
const BEFORE_MAX: usize = 32
const steps: usize = memory.data(2304, 16)
/** Behind the last step; of no meaning where it is `steps`. */
let stepsEnd: usize = 0
/** Where the fields begin and end, and the bits of all of them. */
let fields: usize = 0
let fieldsEnd: usize = 0
let allSeen: u64 = 0
/** What positions of the data are counted from. */
let origin: usize = 0
/** The field that records begin with. */
let first: usize = 0
/** Of the name that was not expected; 0 = nobody declared it. */
let found: usize = 0

/**
 * Scans `count` records, whose starts (from `base`) and sizes are given, all of them between `low`
 * and `high`; those that are not are refused. Writes the numbers of refused records to `refused`,
 * and gives how many there are.
 */
export function scan(
  table: usize,
  fieldCount: i32,
  base: usize,
  low: usize,
  high: usize,
  starts: usize,
  sizes: usize,
  count: i32,
  refused: usize,
): i32 {
  fields = table
  fieldsEnd = table + <usize>fieldCount * FIELD_BYTES
  allSeen = fieldCount === 64 ? u64.MAX_VALUE : ((<u64>1) << (<u64>fieldCount)) - 1
  origin = base
  first = table
  stepsEnd = steps
  let out = refused
  for (let index: i32 = 0; index < count; index++) {
    const size = load<i32>(sizes + ((<usize>index) << 2))
    if (size < 0) {
      for (let field = table; field < fieldsEnd; field += FIELD_BYTES) setNull(field, index)
      continue
    }
    const from = base + <usize>load<u32>(starts + ((<usize>index) << 2))
    const isInside = from >= low && from <= high && <usize>size <= high - from
    if (isInside && isRead(from, from + <usize>size, index)) continue
    for (let field = table; field < fieldsEnd; field += FIELD_BYTES) clear(field, index)
    store<i32>(out, index)
    out += 4
  }
  return <i32>((out - refused) >> 2)
}

/** Reads a record; false: it is refused, and its cells are of no meaning. */
function isRead(from: usize, end: usize, index: i32): bool {
  return isAsBefore(from, end, index) || isPlain(from, end, index)
}

/** Reads a record that lies as the last one did, but for its values; false: it does not. */
function isAsBefore(from: usize, end: usize, index: i32): bool {
  if (stepsEnd === steps) return false
  let at = from
  for (let step = steps; step < stepsEnd; step += STEP_BYTES) {
    if (!isSame(at, step + BEFORE, step + BEFORE_MASK, load<u32>(step, 4))) return false
    at = fieldEnd(load<u32>(step), at + <usize>load<u32>(step, 4), end, index)
    if (at === 0 || at > end) return false
  }
  return load<u8>(at) === CLOSE && at + 1 === end
}

/** Notes what stands before a value; gives the next step, 0 = there is none, or no room for it. */
function noted(step: usize, field: usize, from: usize, to: usize): usize {
  const size = to - from
  if (step === 0 || size > BEFORE_MAX || step === steps + STEPS_MAX * STEP_BYTES) return 0
  store<u32>(step, <u32>field)
  store<u32>(step, <u32>size, 4)
  memory.copy(step + BEFORE, from, BEFORE_MAX)
  memory.fill(step + BEFORE_MASK, 0, BEFORE_MAX)
  memory.fill(step + BEFORE_MASK, 0xff, size)
  return step + STEP_BYTES
}

function isPlain(from: usize, end: usize, index: i32): bool {
  if (load<u8>(from) !== OPEN) return false
  let at = from + 1
  let seen: u64 = 0
  let last: usize = 0
  let field = first
  let step = steps
  let before = from
  for (;;) {
    if (isName(field, at)) at += <usize>load<u32>(field, 4)
    else {
      at = otherNameEnd(at, end, last)
      if (at === 0) return false
      field = found
    }
    if (load<u8>(at) === BLANK) at++
    if (field !== 0) {
      const bit = load<u64>(field, 32)
      if ((seen & bit) !== 0) return false
      seen |= bit
      last = field
    }
    step = noted(step, field, before, at)
    at = fieldEnd(field, at, end, index)
    if (at === 0 || at > end) return false
    before = at
    const next: u32 = load<u8>(at++)
    if (next === COMMA) {
      if (load<u8>(at) === BLANK) at++
      field = last === 0 ? first : <usize>load<u32>(last, 28)
    } else if (next === CLOSE) break
    else return false
  }
  if (at !== end) return false
  stepsEnd = step !== 0 && seen === allSeen ? step : steps
  return seen === allSeen || mayMiss(seen, index)
}

/** Reads the value at `at`; 0 = refused. */
function fieldEnd(field: usize, at: usize, end: usize, index: i32): usize {
  if (field === 0) return skippedEnd(at, end)
  // Perf: text is what most fields are.
  if (load<i32>(field) === STRING && load<u8>(at) === QUOTE) {
    return textEnd(field, at + 1, end, index)
  }
  return valueEnd(field, at, index)
}

/** Reads a name that is not the expected one, which is expected from now on behind `last`. */
function otherNameEnd(at: usize, end: usize, last: usize): usize {
  if (load<u8>(at) !== QUOTE) return 0
  const close = stringEnd(at + 1, end)
  if (close === 0 || load<u8>(close + 1) !== COLON) return 0
  found = fieldOf(at)
  if (found !== 0) {
    if (last === 0) first = found
    else store<u32>(last, <u32>found, 28)
  }
  return close + 2
}

/** A missing column is null, and null is not for all. */
function mayMiss(seen: u64, index: i32): bool {
  for (let field = fields; field < fieldsEnd; field += FIELD_BYTES) {
    if ((seen & load<u64>(field, 32)) !== 0) continue
    if (load<i32>(field, 8) === 0) return false
    setNull(field, index)
  }
  return true
}

function isName(field: usize, at: usize): bool {
  return isSame(at, field + NAME, field + MASK, load<u32>(field, 4))
}

/** Whether up to 32 bytes are the same where the mask is set, as many as `size`. */
function isSame(at: usize, text: usize, mask: usize, size: u32): bool {
  const difference = v128.and(v128.xor(v128.load(at), v128.load(text)), v128.load(mask))
  if (v128.any_true(difference)) return false
  if (size <= 16) return true
  const rest = v128.and(v128.xor(v128.load(at, 16), v128.load(text, 16)), v128.load(mask, 16))
  return !v128.any_true(rest)
}

/** The field whose name, with quotes and colon, stands at `at`; 0 = none. */
function fieldOf(at: usize): usize {
  for (let field = fields; field < fieldsEnd; field += FIELD_BYTES) {
    if (isName(field, at)) return field
  }
  return 0
}

/** Reads the string from its first character into the column of the field; 0 = refused. */
function textEnd(field: usize, from: usize, end: usize, index: i32): usize {
  const special = specialsIn(from)
  let close = from + <usize>ctz(special)
  if (special === 0 || load<u8>(close) !== QUOTE) close = stringEnd(from, end)
  if (close === 0) return 0
  const values: usize = load<u32>(field, 12)
  if (values !== 0) {
    store<u32>(values + ((<usize>index) << 2), <u32>(from - origin))
    store<u32>(<usize>load<u32>(field, 16) + ((<usize>index) << 2), <u32>(close - from))
  }
  return close + 1
}

/** Reads the value at `at`, no string, into the column of the field; 0 = refused. */
function valueEnd(field: usize, at: usize, index: i32): usize {
  const byte: u32 = load<u8>(at)
  if (byte === 0x6e) {
    if (load<u32>(at) !== NULL_WORD || load<i32>(field, 8) === 0) return 0
    setNull(field, index)
    return at + 4
  }
  const values: usize = load<u32>(field, 12)
  switch (load<i32>(field)) {
    case FLOAT64:
      return doubleEnd(values, at, index)
    case MILLISECONDS: {
      const behind = wholeEnd(at)
      if (behind === 0 || mantissa < PLAIN_MIN || mantissa >= PLAIN_MAX) return 0
      if (values !== 0) store<u64>(values + ((<usize>index) << 3), mantissa)
      return behind
    }
    case BOOLEAN:
      return booleanEnd(values, at, index)
    default:
      return integerEnd(load<i32>(field), values, at, index)
  }
}

/**
 * The digits of a whole number, in `mantissa`. What goes on behind them (a point, an exponent) is
 * neither comma nor brace, and so refused.
 */
function wholeEnd(at: usize): usize {
  const behind = digitsEnd(at, 0)
  const digits = behind - at
  if (digits === 0 || digits > DIGITS_MAX) return 0
  return digits > 1 && load<u8>(at) === ZERO ? 0 : behind
}

function integerEnd(kind: i32, values: usize, at: usize, index: i32): usize {
  const isNegative = load<u8>(at) === MINUS
  const behind = wholeEnd(at + <usize>isNegative)
  if (behind === 0) return 0
  const value: i64 = isNegative ? -(<i64>mantissa) : <i64>mantissa
  if (kind === INT32) {
    if (value !== <i64>(<i32>value)) return 0
    if (values !== 0) store<i32>(values + ((<usize>index) << 2), <i32>value)
    return behind
  }
  if (kind === SAFE && mantissa > SAFE_MAX) return 0
  if (kind !== SAFE && kind !== INT64) return 0
  if (values !== 0) store<i64>(values + ((<usize>index) << 3), value)
  return behind
}

/** Digits as one whole number below 2^53, divided once by a power of ten that is exact. */
function doubleEnd(values: usize, from: usize, index: i32): usize {
  const isNegative = load<u8>(from) === MINUS
  const whole = from + <usize>isNegative
  let at = digitsEnd(whole, 0)
  let digits = at - whole
  if (digits === 0 || (digits > 1 && load<u8>(whole) === ZERO)) return 0
  let scale: usize = 0
  if (load<u8>(at) === POINT) {
    const fraction = at + 1
    at = digitsEnd(fraction, mantissa)
    scale = at - fraction
    if (scale === 0) return 0
    digits += scale
  }
  if (digits > DIGITS_MAX || mantissa > SAFE_MAX) return 0
  if (values !== 0) {
    const value = scale === 0 ? <f64>mantissa : <f64>mantissa / power(scale)
    store<f64>(values + ((<usize>index) << 3), isNegative ? -value : value)
  }
  return at
}

function booleanEnd(values: usize, at: usize, index: i32): usize {
  const word = load<u32>(at)
  if (word === TRUE_WORD) {
    if (values !== 0) {
      const place = values + (<usize>index >> 3)
      store<u8>(place, <u32>load<u8>(place) | (1 << (index & 7)))
    }
    return at + 4
  }
  return word === FALS_WORD && load<u8>(at, 4) === LETTER_E ? at + 5 : 0
}

/** The value of a field that nobody declared; 0 = refused. */
function skippedEnd(at: usize, end: usize): usize {
  const byte: u32 = load<u8>(at)
  if (byte === QUOTE) {
    const close = stringEnd(at + 1, end)
    return close === 0 ? 0 : close + 1
  }
  if (byte === 0x6e) return load<u32>(at) === NULL_WORD ? at + 4 : 0
  if (byte === 0x74 || byte === 0x66) return booleanEnd(0, at, 0)
  return numberEnd(at)
}

function setNull(field: usize, index: i32): void {
  if (load<u32>(field, 12) === 0) return
  clear(field, index)
  store<i32>(<usize>load<u32>(field, 24), 1)
  const place = <usize>load<u32>(field, 20) + (<usize>index >> 3)
  store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))
}

/** What a cell without a value holds. */
function clear(field: usize, index: i32): void {
  const values: usize = load<u32>(field, 12)
  if (values === 0) return
  const kind = load<i32>(field)
  if (kind === BOOLEAN) {
    const place = values + (<usize>index >> 3)
    store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))
  } else if (kind === STRING || kind === INT32) store<u32>(values + ((<usize>index) << 2), 0)
  else store<u64>(values + ((<usize>index) << 3), 0)
  if (kind === STRING) store<u32>(<usize>load<u32>(field, 16) + ((<usize>index) << 2), 0)
}
