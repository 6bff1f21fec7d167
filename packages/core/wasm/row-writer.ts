/**
 * Rows as JSON objects in WebAssembly, in AssemblyScript: from columns whose cells stand one behind
 * the other. packages/core/wasm/build.mjs compiles it into src/serde/json-rows/rows-module.ts; a
 * test sees that both say the same.
 *
 *   row    = (label cell)+ "}"         a label is brace or comma, name and colon
 *   column = kind i32 | bytes of the label i32 | label i32 | cells i32 | sizes i32 | nulls i32
 *   cells  = f64, i32, i64 or u8 each; of text, its bytes, whose sizes stand in sizes
 *   nulls  = u8 each, 1 = null; 0 for none
 *
 * Sixteen bytes are copied at a time, so up to 15 are read and written behind what is there.
 */
import { writeDouble, writeInteger } from './number-text.ts'
import { layPowers } from './shortest-double.ts'

const COPY: usize = 16
const COLUMN_BYTES: usize = 24
const TEXT: i32 = 0
const FLOAT64: i32 = 1
const INT32: i32 = 2
const INT64: i32 = 3
/** As a number, of which only those within 2^53 are whole. */
const INT64_NUMBER: i32 = 4
const BOOLEAN: i32 = 5
const SECONDS: i32 = 6
const MILLISECONDS: i32 = 7
const MICROSECONDS: i32 = 8
const SAFE_MAX: i64 = 9007199254740991
/** Of a cell that is no text, with what is written behind it. */
const CELL_BYTES: usize = 64
const NULL_WORD: u32 = 0x6c6c756e
const TRUE_WORD: u32 = 0x65757274
const FALSE_WORD: u64 = 0x65736c6166

export function powersAt(place: usize): void {
  layPowers(place)
}

/** Where the rows written last end. */
export let outEnd: usize = 0

/**
 * Writes rows `from` to `to` to `out`, the size of each to `sizes`; -1, and nothing written, for
 * one that JSON cannot hold. It ends before a row for which there may be no room up to `most`.
 * Texts are taken from where the columns say, which then point to those of the next row. Gives
 * behind which row it ended.
 */
export function write(
  columns: usize,
  columnsEnd: usize,
  from: u32,
  to: u32,
  sizes: usize,
  out: usize,
  most: usize,
): u32 {
  let at = out
  let row = from
  for (; row < to; row++) {
    const start = at
    let isRefused = false
    if (most - at < roomOf(columns, columnsEnd, row)) break
    for (let column = columns; column < columnsEnd; column += COLUMN_BYTES) {
      const label = load<u32>(column, 8)
      const bytes = load<u32>(column, 4)
      for (let i: usize = 0; i < bytes; i += COPY) v128.store(at + i, v128.load(label + i))
      const end = writeCell(at + bytes, column, row)
      // The texts of the row are gone through nevertheless.
      if (end === 0) isRefused = true
      else at = end
    }
    if (isRefused) {
      at = start
      store<i32>(sizes + (row << 2), -1)
    } else {
      store<u8>(at++, 0x7d)
      store<i32>(sizes + (row << 2), <i32>(at - start))
    }
  }
  outEnd = at
  return row
}

/** What a row takes at most. */
function roomOf(columns: usize, columnsEnd: usize, row: u32): usize {
  let bytes = CELL_BYTES
  for (let column = columns; column < columnsEnd; column += COLUMN_BYTES) {
    bytes += load<u32>(column, 4) + CELL_BYTES
    if (load<i32>(column) !== TEXT) continue
    const size = load<i32>(load<u32>(column, 16) + (row << 2))
    if (size > 0) bytes += <usize>size * 6
  }
  return bytes
}

/** Gives where it ends; 0 = JSON cannot hold it. */
function writeCell(to: usize, column: usize, row: u32): usize {
  const kind = load<i32>(column)
  const nulls = load<u32>(column, 20)
  if (nulls !== 0 && load<u8>(nulls + row) !== 0) {
    store<u32>(to, NULL_WORD)
    return to + 4
  }
  const cells: usize = load<u32>(column, 12)
  if (kind === TEXT) {
    const size: usize = load<u32>(load<u32>(column, 16) + (row << 2))
    store<u32>(column, <u32>(cells + size), 12)
    return writeText(to, cells, size)
  }
  if (kind === FLOAT64) return writeDouble(to, load<f64>(cells + (row << 3)))
  if (kind === INT32) return writeInteger(to, load<i32>(cells + (row << 2)))
  if (kind === BOOLEAN) {
    const isTrue = load<u8>(cells + row) !== 0
    if (isTrue) store<u32>(to, TRUE_WORD)
    else store<u64>(to, FALSE_WORD)
    return to + (isTrue ? 4 : 5)
  }
  const value = load<i64>(cells + (row << 3))
  if (kind === INT64) return writeInteger(to, value)
  if (value > SAFE_MAX || value < -SAFE_MAX) {
    return kind === INT64_NUMBER ? writeDouble(to, <f64>value) : 0
  }
  if (kind === SECONDS) return writeDouble(to, <f64>value / 1e3)
  const end = writeInteger(to, value)
  if (kind <= MILLISECONDS || value === 0) return end
  store<u64>(end, 0x3030303030303030)
  return end + (kind === MICROSECONDS ? 3 : 6)
}

/** Text as `JSON.stringify` writes it; it is valid UTF-8. */
function writeText(to: usize, from: usize, size: usize): usize {
  let at = to
  store<u8>(at++, 0x22)
  const end = from + size
  let next = from
  while (next < end) {
    const bytes = v128.load(next)
    v128.store(at, bytes)
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
        i8x16.lt_u(bytes, i8x16.splat(0x20)),
      ),
    )
    const plain = special === 0 ? COPY : <usize>ctz(special)
    if (plain >= end - next) {
      at += end - next
      break
    }
    at += plain
    next += plain
    if (plain < COPY) at = writeEscape(at, load<u8>(next++))
  }
  store<u8>(at, 0x22)
  return at + 1
}

/** Of the characters from 8 to 13: b, t, n, none, f, r. */
const LETTERS: u64 = 0x7266006e7462

function writeEscape(to: usize, byte: u8): usize {
  store<u8>(to, 0x5c)
  const letter: u8 = byte >= 0x20 ? byte : shortEscape(byte)
  if (letter !== 0) {
    store<u8>(to + 1, letter)
    return to + 2
  }
  store<u32>(to + 1, 0x30303075)
  store<u8>(to + 4, 0x30 + (byte >> 4))
  const low = byte & 15
  store<u8>(to + 5, low < 10 ? 0x30 + low : 0x57 + low)
  return to + 6
}

/** 0 = there is none. */
function shortEscape(byte: u8): u8 {
  return byte >= 8 && byte <= 13 ? <u8>(LETTERS >> ((<u64>(byte - 8)) << 3)) : 0
}
