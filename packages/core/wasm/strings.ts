/** Where strings end. */

/** A bit for each of 16 bytes that is a quote, a backslash, or no plain character of ASCII. */
export function specialsIn(at: usize): i32 {
  const bytes = v128.load(at)
  // Signed, so that bytes from 0x80 on are below a blank too.
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_s(bytes, i8x16.splat(0x20)),
    ),
  )
}

/** The closing quote of a string whose first character is at `from`; 0 = it is not plain. */
export function stringEnd(from: usize, end: usize): usize {
  let at = from
  while (at < end) {
    const special = specialsIn(at)
    if (special === 0) {
      at += 16
      continue
    }
    at += <usize>ctz(special)
    const byte: u32 = load<u8>(at)
    if (byte === 0x22) return at
    if (byte < 0x80) return 0
    at = characterEnd(at)
    if (at === 0) return 0
  }
  return 0
}

/** One character of two to four bytes, in the shortest form and no surrogate (RFC 3629). */
export function characterEnd(at: usize): usize {
  const first: u32 = load<u8>(at)
  if (first < 0xc2 || first > 0xf4) return 0
  const second: u32 = load<u8>(at, 1)
  let least: u32 = 0x80
  let greatest: u32 = 0xbf
  if (first === 0xe0) least = 0xa0
  else if (first === 0xed) greatest = 0x9f
  else if (first === 0xf0) least = 0x90
  else if (first === 0xf4) greatest = 0x8f
  if (second < least || second > greatest) return 0
  if (first < 0xe0) return at + 2
  if ((load<u8>(at, 2) & 0xc0) !== 0x80) return 0
  if (first < 0xf0) return at + 3
  return (load<u8>(at, 3) & 0xc0) === 0x80 ? at + 4 : 0
}
