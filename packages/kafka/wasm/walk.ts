/**
 * The records of a batch in WebAssembly, in AssemblyScript: where each key, value and header is,
 * with its time and offset (src/records/record-parser.ts has the grammar, and the clear version).
 *
 *   columns = timestamps f64[] | offsets f64[]
 *             | start and size of keys, of values, of headers i32[]
 *
 * It stops at a record with anything unusual: a size that does not fit, a number of more than 28
 * bits (63 in times), an offset that does not belong to the batch. That is no verdict: the clear
 * version goes on from there. So it may stop too early, never too late, and what it takes must be
 * what the clear version gives.
 *
 * Up to 64 bytes behind `end` may be looked at. What is read there is of no meaning and never
 * taken: a position that has passed the end of its record never comes back to it.
 */

/** Where the last walk stopped: at the beginning of a record, or the end. */
export let stopped: usize = 0
/** Records that were left then. */
export let left: i32 = 0

/**
 * Writes records from number `first` on of the columns, which have room for `room`; those before
 * offset `from` are passed over. Gives the number behind the last one written.
 *
 * @param origin what positions are counted from
 * @param time of the batch, which deltas are added to unless all records have the same
 */
export function walk(
  start: usize,
  end: usize,
  count: i32,
  origin: usize,
  columns: usize,
  room: i32,
  first: i32,
  from: f64,
  base: f64,
  behind: f64,
  time: f64,
  isSame: bool,
): i32 {
  const offsets = columns + ((<usize>room) << 3)
  const starts = offsets + ((<usize>room) << 3)
  const column = (<usize>room) << 2
  let i = first
  let at = start
  stopped = start
  left = count
  while (left > 0 && i < room) {
    at = numberEnd(at)
    const size = number
    if (at + <usize>size > end) break
    const recordEnd = at + <usize>size

    at = timeEnd(at + 1)
    const timeDelta = <f64>long
    if (at === 0) break

    at = numberEnd(at)
    const offset = base + <f64>number
    if (offset < base || offset >= behind) break

    at = numberEnd(at)
    const keySize = number
    const key = at
    if (keySize < -1) break
    at += <usize>max(keySize, 0)
    if (at >= recordEnd) break

    at = numberEnd(at)
    const valueSize = number
    const value = at
    if (valueSize < -1) break
    at += <usize>max(valueSize, 0)
    if (at >= recordEnd) break

    const headers = at
    at = headersEnd(at, recordEnd)
    if (at !== recordEnd) break
    const headersSize: i32 = load<u8>(headers) === 0 ? 0 : <i32>(recordEnd - headers)

    // Perf: the next record is found without waiting for what is in this one.
    at = recordEnd
    stopped = recordEnd
    left--
    if (offset < from) continue
    const eight = (<usize>i) << 3
    const four = starts + ((<usize>i) << 2)
    store<f64>(columns + eight, isSame ? time : time + timeDelta)
    store<f64>(offsets + eight, offset)
    store<i32>(four, <i32>(key - origin))
    store<i32>(four + column, keySize)
    store<i32>(four + 2 * column, <i32>(value - origin))
    store<i32>(four + 3 * column, valueSize)
    store<i32>(four + 4 * column, <i32>(headers - origin))
    store<i32>(four + 5 * column, headersSize)
    i++
  }
  return i
}

/** In place of a number of more than 28 bits: below all that there are, so no bound lets it by. */
const NO_NUMBER: i32 = i32.MIN_VALUE
/** What `numberEnd` read. */
let number: i32 = 0

/**
 * Where the number of up to 28 bits at `from` ends.
 * Perf: numbers of one byte and two have branches of their own, so that where the next ones stand
 * is guessed and not waited for.
 */
function numberEnd(from: usize): usize {
  const word = load<u32>(from)
  if ((word & 0x80) === 0) {
    number = signed(word & 0x7f)
    return from + 1
  }
  if ((word & 0x8000) === 0) {
    number = signed((word & 0x7f) | ((word >> 1) & 0x3f80))
    return from + 2
  }
  const low = (word & 0x7f) | ((word >> 1) & 0x3f80) | ((word >> 2) & 0x1fc000)
  if ((word & 0x800000) === 0) {
    number = signed(low)
    return from + 3
  }
  number = word >> 31 === 0 ? signed(low | ((word >> 3) & 0xfe00000)) : NO_NUMBER
  return from + 4
}

function signed(zigzag: u32): i32 {
  return <i32>(zigzag >> 1) ^ -(<i32>(zigzag & 1))
}

/** What `timeEnd` and `longEnd` read. */
let long: i64 = 0

/** Where a time ends: mostly a number of few bits. */
function timeEnd(from: usize): usize {
  const at = numberEnd(from)
  long = <i64>number
  return number === NO_NUMBER ? longEnd(from) : at
}

/** Where the number of up to 63 bits at `from` ends; 0 = it has more. */
function longEnd(from: usize): usize {
  let bits: u64 = 0
  let at = from
  for (let shift: u64 = 0; shift < 63; shift += 7) {
    const byte: u64 = load<u8>(at++)
    bits |= (byte & 127) << shift
    if (byte < 128) {
      long = <i64>(bits >> 1) ^ -(<i64>(bits & 1))
      return at
    }
  }
  return 0
}

/** Where headers end that fit before `end`; 0 = they do not. No headers are one byte. */
function headersEnd(from: usize, end: usize): usize {
  if (load<u8>(from) === 0) return from + 1
  let at = numberEnd(from)
  let count = number
  if (count <= 0) return 0
  for (; count > 0; count--) {
    at = numberEnd(at)
    if (number < 0) return 0
    at += <usize>number
    if (at >= end) return 0
    at = numberEnd(at)
    if (number < -1) return 0
    at += <usize>max(number, 0)
    if (at > end) return 0
  }
  return at
}
