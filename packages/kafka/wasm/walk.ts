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

const TOP_BITS: u32 = 0x80808080
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
    let word = load<u32>(at)
    let mark = ~word & TOP_BITS
    const size = numberOf(word, mark)
    at += bytesOf(mark)
    if (mark === 0 || at + <usize>size > end) break
    const recordEnd = at + <usize>size

    at++
    let timeDelta: f64
    word = load<u32>(at)
    mark = ~word & TOP_BITS
    if (mark !== 0) {
      timeDelta = <f64>numberOf(word, mark)
      at += bytesOf(mark)
    } else {
      at = longEnd(at)
      if (at === 0) break
      timeDelta = <f64>long
    }

    word = load<u32>(at)
    mark = ~word & TOP_BITS
    const offset = base + <f64>numberOf(word, mark)
    at += bytesOf(mark)
    if (mark === 0 || offset < base || offset >= behind) break

    word = load<u32>(at)
    mark = ~word & TOP_BITS
    const keySize = numberOf(word, mark)
    at += bytesOf(mark)
    const key = at
    at += <usize>max(keySize, 0)
    if (mark === 0 || keySize < -1 || at >= recordEnd) break

    word = load<u32>(at)
    mark = ~word & TOP_BITS
    const valueSize = numberOf(word, mark)
    at += bytesOf(mark)
    const value = at
    at += <usize>max(valueSize, 0)
    if (mark === 0 || valueSize < -1 || at >= recordEnd) break

    const headers = at
    let headersSize: i32 = 0
    if (load<u8>(at) === 0) at++
    else {
      headersSize = <i32>(recordEnd - headers)
      at = headersEnd(at, recordEnd)
    }
    if (at !== recordEnd) break

    stopped = at
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

/**
 * The zig-zag number of 28 bits in the first bytes of `word`; `mark` are the top bits of bytes that
 * end a number, the first of them this one. Of no meaning when there are none.
 */
function numberOf(word: u32, mark: u32): i32 {
  const own = word & (mark ^ (mark - 1))
  const bits =
    (own & 0x7f) | ((own >> 1) & 0x3f80) | ((own >> 2) & 0x1fc000) | ((own >> 3) & 0xfe00000)
  return <i32>(bits >> 1) ^ -(<i32>(bits & 1))
}

/** How many bytes it has. */
function bytesOf(mark: u32): usize {
  return <usize>((ctz(mark) + 1) >> 3)
}

/** What `longEnd` read. */
let long: i64 = 0

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

/** Where headers end that fit before `end`; 0 = they do not, or there are none. */
function headersEnd(from: usize, end: usize): usize {
  let at = from
  let word = load<u32>(at)
  let mark = ~word & TOP_BITS
  let count = numberOf(word, mark)
  at += bytesOf(mark)
  if (mark === 0 || count <= 0) return 0
  for (; count > 0; count--) {
    word = load<u32>(at)
    mark = ~word & TOP_BITS
    const nameSize = numberOf(word, mark)
    at += bytesOf(mark) + <usize>max(nameSize, 0)
    if (mark === 0 || nameSize < 0 || at >= end) return 0
    word = load<u32>(at)
    mark = ~word & TOP_BITS
    const valueSize = numberOf(word, mark)
    at += bytesOf(mark) + <usize>max(valueSize, 0)
    if (mark === 0 || valueSize < -1 || at > end) return 0
  }
  return at
}
