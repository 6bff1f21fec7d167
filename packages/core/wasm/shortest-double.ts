/**
 * The shortest decimal that reads back as a double, the closest of them: Schubfach (Raffaello
 * Giulietti, "The Schubfach way to render doubles", 2020), in the form of Alexander Bolz's
 * Drachennest (https://github.com/abolz/Drachennest, Schubfach in C++). The powers of ten that it
 * multiplies by are laid into the memory by who makes the module.
 */

/** 10^k as 128 bits, rounded up, the upper half first: those of k from -292 to 324. */
let powers: usize = 0
const POWER_MIN: i32 = -292

/** The number read last is `digits` times ten to the power of `exponent`. */
export let digits: u64 = 0
export let exponent: i32 = 0

export function layPowers(place: usize): void {
  powers = place
}

/** Of a finite number above 0. */
export function shortest(value: f64): void {
  const bits = reinterpret<u64>(value)
  const fraction = bits & 0xfffffffffffff
  const biased = <i32>(bits >> 52) & 0x7ff
  const c = biased === 0 ? fraction : fraction | 0x10000000000000
  const q = (biased === 0 ? 1 : biased) - 1075
  // The ends of the interval that reads as the value; they do, too, when it is even.
  const isOdd = c & 1
  const isCloserBelow = fraction === 0 && biased > 1
  const k = isCloserBelow ? (q * 1262611 - 524031) >> 22 : (q * 1262611) >> 22
  const shift = <u64>(q + ((-k * 1741647) >> 19) + 1)
  const power = powers + ((<usize>(-k - POWER_MIN)) << 4)
  const high = load<u64>(power)
  const low = load<u64>(power, 8)
  const four = c << 2
  const below = timesPower(high, low, (four - 2 + <u64>isCloserBelow) << shift) + isOdd
  const middle = timesPower(high, low, four << shift)
  const above = timesPower(high, low, (four + 2) << shift) - isOdd
  const s = middle >> 2
  if (s >= 10) {
    const tenth = s / 10
    const isDown = below <= 40 * tenth
    const isUp = 40 * tenth + 40 <= above
    if (isDown !== isUp) {
      digits = tenth + <u64>isUp
      exponent = k + 1
      return
    }
  }
  exponent = k
  const isDown = below <= 4 * s
  const isUp = 4 * s + 4 <= above
  if (isDown !== isUp) {
    digits = s + <u64>isUp
    return
  }
  const half = 4 * s + 2
  digits = s + <u64>(middle > half || (middle === half && (s & 1) !== 0))
}

/** The upper 64 bits of 192; the last bit is also set where any below is. */
function timesPower(high: u64, low: u64, factor: u64): u64 {
  const carried = upper(low, factor)
  const middle = high * factor + carried
  const top = upper(high, factor) + <u64>(middle < carried)
  return top | <u64>(middle > 1)
}

/** The upper 64 bits of a product. */
function upper(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff
  const a1 = a >> 32
  const b0 = b & 0xffffffff
  const b1 = b >> 32
  const low = a0 * b0
  const first = a1 * b0 + (low >> 32)
  const second = a0 * b1 + (first & 0xffffffff)
  return a1 * b1 + (first >> 32) + (second >> 32)
}
