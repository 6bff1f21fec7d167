/**
 * Blocks of LZ4 written in WebAssembly, in AssemblyScript; their format stands in lz4.ts.
 * packages/kafka/wasm/build.mjs compiles it into src/records/codecs/lz4-writer-module.ts; a test
 * sees that both say the same.
 *
 * Matches are looked for as LZ4's fast way does: each place is looked up by a hash of five bytes
 * among those before it, and the longer none is found, the more places are left out. A match has
 * four bytes or more, begins 12 bytes before the end at the latest and ends 5 before it; those last
 * bytes are literals. Eight are copied at a time, so up to 7 are written behind what is there.
 */

const HASH_BITS: u64 = 12
const TABLE_BYTES: usize = 1 << (12 + 2)
const OFFSET_MAX: usize = 65535
const LAST_MATCH: usize = 12
const LAST_LITERALS: usize = 5
const COPY: usize = 8
/** So often nothing is found before the next place is one further away. */
const PATIENCE_BITS: usize = 6

/**
 * Writes what is from `from` to `end` as one block to `to`, with `table` to look places up in.
 * Gives where the block ends; 0 = it would not be smaller.
 */
export function deflate(from: usize, end: usize, to: usize, table: usize): usize {
  const most = to + (end - from)
  let out = to
  let anchor = from
  if (end - from > LAST_MATCH) {
    memory.fill(table, 0, TABLE_BYTES)
    const last = end - LAST_MATCH
    let at = from + 1
    let tries: usize = 1 << PATIENCE_BITS
    while (at <= last) {
      const slot = slotOf(table, at)
      let source = from + load<u32>(slot)
      store<u32>(slot, <u32>(at - from))
      if (load<u32>(source) !== load<u32>(at) || at - source > OFFSET_MAX) {
        at += tries++ >> PATIENCE_BITS
        continue
      }
      while (at > anchor && source > from && load<u8>(at - 1) === load<u8>(source - 1)) {
        at--
        source--
      }
      const size = sameBytes(at + 4, source + 4, end - LAST_LITERALS)
      const literals = at - anchor
      if (out + literals + literals / 255 + size / 255 + 16 > most) return 0
      out = writeSequence(out, anchor, literals, <u32>(at - source), size)
      at += size + 4
      anchor = at
      tries = 1 << PATIENCE_BITS
      if (at <= last) store<u32>(slotOf(table, at - 2), <u32>(at - 2 - from))
    }
  }
  const literals = end - anchor
  if (out + literals + literals / 255 + 16 > most) return 0
  out = writeSize(out + 1, out, 4, literals)
  memory.copy(out, anchor, literals)
  return out + literals
}

function slotOf(table: usize, at: usize): usize {
  return table + ((<usize>(((load<u64>(at) << 24) * 889523592379) >> (64 - HASH_BITS))) << 2)
}

/** How many bytes are the same, before `end`. */
function sameBytes(from: usize, source: usize, end: usize): usize {
  let at = from
  let other = source
  while (at + 8 <= end) {
    const difference = load<u64>(at) ^ load<u64>(other)
    if (difference !== 0) return at - from + (<usize>ctz(difference) >> 3)
    at += 8
    other += 8
  }
  while (at < end && load<u8>(at) === load<u8>(other)) {
    at++
    other++
  }
  return at - from
}

function writeSequence(to: usize, from: usize, literals: usize, offset: u32, size: usize): usize {
  let out = writeSize(to + 1, to, 4, literals)
  for (let i: usize = 0; i < literals; i += COPY) store<u64>(out + i, load<u64>(from + i))
  out += literals
  store<u16>(out, <u16>offset)
  const token = load<u8>(to)
  out = writeSize(out + 2, to, 0, size)
  store<u8>(to, load<u8>(to) | token)
  return out
}

/** Four bits of the token, and what is more at `to`; gives where that ends. */
function writeSize(to: usize, token: usize, bits: u32, size: usize): usize {
  store<u8>(token, <u8>(min<usize>(size, 15) << bits))
  if (size < 15) return to
  let out = to
  let left = size - 15
  for (; left >= 255; left -= 255) store<u8>(out++, 255)
  store<u8>(out, <u8>left)
  return out + 1
}
