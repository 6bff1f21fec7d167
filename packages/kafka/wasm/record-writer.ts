/**
 * Records of a record batch written in WebAssembly, in AssemblyScript: many in one call.
 * packages/kafka/wasm/build.mjs compiles it into src/records/record-writer-module.ts; a test sees
 * that both say the same.
 *
 *   record = size varint | attributes u8 | time less the first's varint | its place varint |
 *            size of key varint | key | size of value varint | value | headers
 *
 * Varints are zig-zag; headers are copied as they stand, 0 where there are none. Sixteen bytes are
 * copied at a time, so up to 15 are read and written behind what is there.
 */

const COPY: usize = 16
/** No date is greater. */
const TIME_MAX: f64 = 8.64e15

/** Where the bytes of records lie. */
let data: usize = 0
/** Arrays of each record's positions, one behind the other. */
let keyStart: usize = 0
let keySize: usize = 0
let valueStart: usize = 0
let valueSize: usize = 0
let headersStart: usize = 0
let headersSize: usize = 0
let times: usize = 0

/** Where the bytes written last end. */
export let outEnd: usize = 0
/** The greatest time of the records written last and `greatest` of before. */
export let greatest: f64 = 0

/** Records whose positions lie at `positions`: seven arrays, the one of times the first. */
export function place(positions: usize, count: usize, dataAt: usize): void {
  times = positions
  keyStart = times + count * 8
  keySize = keyStart + count * 4
  valueStart = keySize + count * 4
  valueSize = valueStart + count * 4
  headersStart = valueSize + count * 4
  headersSize = headersStart + count * 4
  data = dataAt
}

/**
 * Writes the records whose numbers stand from `rows` to `rowsEnd` to `out`, into a batch of `size`
 * bytes and `count` records, the first at `first` and the latest at `latest`. Gives how many it
 * wrote: it ends before a record for which the batch or `room` is too small, and before one that it
 * does not take.
 */
export function append(
  rows: usize,
  rowsEnd: usize,
  first: f64,
  latest: f64,
  count: u32,
  size: u32,
  bytesMax: u32,
  out: usize,
  room: u32,
): u32 {
  const firstTime = <i64>first
  let left: u64 = bytesMax > size ? bytesMax - size : 0
  if (left > room) left = room
  let at = out
  let place = count
  let most = latest
  for (let row = rows; row < rowsEnd; row += 4) {
    const index: usize = load<u32>(row)
    const time = trunc(load<f64>(times + (index << 3)))
    if (!(time >= -1 && time <= TIME_MAX)) break
    const four = index << 2
    const keyBytes = load<i32>(keySize + four)
    const valueBytes = load<i32>(valueSize + four)
    const headersBytes = load<i32>(headersSize + four)
    const delta = zigzag(<i64>time - firstTime)
    const placed = zigzag(place)
    const keyHead = zigzag(keyBytes)
    const valueHead = zigzag(valueBytes)
    const body: u64 =
      1 +
      varintBytes(delta) +
      varintBytes(placed) +
      varintBytes(keyHead) +
      varintBytes(valueHead) +
      <u64>max(0, keyBytes) +
      <u64>max(0, valueBytes) +
      <u64>max(1, headersBytes)
    const bytes = varintBytes(zigzag(body)) + body
    if (bytes > left) break
    left -= bytes
    at = writeVarint(at, zigzag(body))
    store<u8>(at++, 0)
    at = writeVarint(at, delta)
    at = writeVarint(at, placed)
    at = writeVarint(at, keyHead)
    at = copy(at, load<u32>(keyStart + four), keyBytes)
    at = writeVarint(at, valueHead)
    at = copy(at, load<u32>(valueStart + four), valueBytes)
    if (headersBytes > 0) at = copy(at, load<u32>(headersStart + four), headersBytes)
    else store<u8>(at++, 0)
    if (time > most) most = time
    place++
  }
  outEnd = at
  greatest = most
  return place - count
}

function zigzag(value: i64): u64 {
  return (value << 1) ^ (value >> 63)
}

function varintBytes(value: u64): u64 {
  if (value < 128) return 1
  if (value < 16384) return 2
  return (70 - clz(value)) / 7
}

function writeVarint(to: usize, value: u64): usize {
  let at = to
  let left = value
  while (left >= 128) {
    store<u8>(at++, <u8>(left | 128))
    left >>= 7
  }
  store<u8>(at++, <u8>left)
  return at
}

/** Sizes below 0 have nothing. */
function copy(to: usize, start: u32, size: i32): usize {
  if (size <= 0) return to
  const from = data + start
  const bytes = <usize>size
  if (bytes > 256) memory.copy(to, from, bytes)
  else for (let i: usize = 0; i < bytes; i += COPY) v128.store(to + i, v128.load(from + i))
  return to + bytes
}
