/**
 * Frames of LZ4 in WebAssembly, in AssemblyScript: the blocks of a frame, one behind the other. A
 * part of records.ts.
 *
 *   block    = size u32 (top bit: not compressed) | bytes
 *   bytes    = sequence*, the last of which ends behind its literals
 *   sequence = token u8 | [more of the size] | literals | offset u16 | [more of the match's size]
 *   token    = number of literals, size of the match less 4: 4 bits each, 15 has more behind
 *
 * Whatever it does not take is no verdict: the library that knows all frames is asked then.
 * Sixteen bytes are copied at a time, so up to 15 are read and written behind what is there; what
 * lies there is of no meaning.
 */

const COPY: usize = 16
/** So near to an end the bounds of each sequence are looked at. */
const NEAR: usize = 64

/**
 * Inflates the blocks in `from` to `end`, an empty one last, to `to`; none gives more than
 * `blockBytes`, and all of them end before `toEnd`. Matches reach back into other blocks where
 * these are linked. Gives where the result ends; 0 = not taken.
 */
export function inflate(
  from: usize,
  end: usize,
  to: usize,
  toEnd: usize,
  blockBytes: usize,
  isLinked: bool,
): usize {
  let at = from
  let out = to
  while (at + 4 <= end) {
    const word = load<u32>(at)
    at += 4
    if (word === 0) return at === end ? out : 0
    const size: usize = word & 0x7fffffff
    if (size > end - at) return 0
    const most = min(blockBytes, toEnd - out)
    if (word >> 31 !== 0) {
      if (size > most) return 0
      memory.copy(out, at, size)
      out += size
    } else {
      out = inflateBlock(at, at + size, out, out + most, isLinked ? to : out)
      if (out === 0) return 0
    }
    at += size
  }
  return 0
}

/** Matches begin at `low` at the earliest. */
function inflateBlock(from: usize, end: usize, to: usize, toEnd: usize, low: usize): usize {
  let at = from
  let out = to
  while (at < end) {
    out = inflateUsual(at, end, out, toEnd, low)
    at = stopped
    if (out === 0) return 0
    const token: u32 = load<u8>(at++)
    let size: usize = token >> 4
    if (size === 15) {
      at = longer(at, end)
      size += extra
    }
    if (at === 0 || size > end - at || size > toEnd - out) return 0
    for (let i: usize = 0; i < size; i += COPY) v128.store(out + i, v128.load(at + i))
    at += size
    out += size
    if (at === end) return out
    if (end - at < 2) return 0
    const offset: usize = load<u16>(at)
    at += 2
    size = (token & 15) + 4
    if (size === 19) {
      at = longer(at, end)
      size += extra
    }
    if (at === 0 || offset === 0 || offset > out - low || size > toEnd - out) return 0
    copyMatch(out, offset, size)
    out += size
  }
  return 0
}

/** Where `inflateUsual` stopped. */
let stopped: usize = 0

/**
 * Inflates sequences of fewer than 15 literals and a match from 16 bytes or more before, as long as
 * there are such and neither end is near; `stopped` is at the next one. Gives where the result
 * ends; 0 = spoilt.
 * Perf: what is short is copied whole, whatever its size, so that hardly a branch depends on the
 * data: 0.6 of the time with the records of the benchmark.
 */
function inflateUsual(from: usize, end: usize, to: usize, toEnd: usize, low: usize): usize {
  let at = from
  let out = to
  while (at + NEAR < end && out + NEAR < toEnd) {
    const token: usize = load<u8>(at)
    const literals = token >> 4
    if (literals === 15) break
    v128.store(out, v128.load(at + 1))
    const behind = at + 1 + literals
    const match = out + literals
    const offset: usize = load<u16>(behind)
    const hasMore = <usize>((token & 15) === 15)
    const more = <usize>load<u8>(behind, 2) & (0 - hasMore)
    if (offset < COPY || more === 255) break
    if (offset > match - low) return 0
    const size = (token & 15) + 4 + more
    const source = match - offset
    v128.store(match, v128.load(source))
    v128.store(match + COPY, v128.load(source + COPY))
    if (size > 2 * COPY) {
      if (size > toEnd - match) return 0
      for (let i: usize = 2 * COPY; i < size; i += COPY) {
        v128.store(match + i, v128.load(source + i))
      }
    }
    at = behind + 2 + hasMore
    out = match + size
  }
  stopped = at
  return out
}

/** What `longer` read. */
let extra: usize = 0

/** The rest of a size: bytes that are added up, to the first that is not 255; 0 = cut off. */
function longer(from: usize, end: usize): usize {
  let at = from
  extra = 0
  while (at < end) {
    const byte = <usize>load<u8>(at++)
    extra += byte
    if (byte !== 255) return at
  }
  return 0
}

/** A match may reach into what it writes, which then repeats. */
function copyMatch(out: usize, offset: usize, size: usize): void {
  const source = out - offset
  if (offset >= COPY) {
    for (let i: usize = 0; i < size; i += COPY) v128.store(out + i, v128.load(source + i))
  } else {
    for (let i: usize = 0; i < size; i++) store<u8>(out + i, load<u8>(source + i))
  }
}
