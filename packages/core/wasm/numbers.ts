/** Digits of numbers. */

const ZERO: u32 = 0x30
const POINT: u32 = 0x2e
const MINUS: u32 = 0x2d

/** Ten to the power of 0 to 18, each exact. */
const POWERS = memory.data<f64>([
  1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18,
])

/** The whole number whose digits were read last; of no meaning when there were more than 19. */
export let mantissa: u64 = 0

export function power(exponent: usize): f64 {
  return load<f64>(POWERS + (exponent << 3))
}

/** Where the digits at `from` end; they go on with the number `before`. */
export function digitsEnd(from: usize, before: u64): usize {
  let at = from
  let value = before
  while (areDigits(load<u64>(at))) {
    value = value * 100000000 + eightDigits(load<u64>(at))
    at += 8
  }
  for (;;) {
    const digit = <u32>load<u8>(at) - ZERO
    if (digit > 9) break
    value = value * 10 + digit
    at++
  }
  mantissa = value
  return at
}

/** Whether eight bytes are digits. */
function areDigits(bytes: u64): bool {
  return (
    ((bytes & 0xf0f0f0f0f0f0f0f0) | (((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) ===
    0x3333333333333333
  )
}

/** Their number: pairs, then fours, then all. */
function eightDigits(bytes: u64): u64 {
  let value = bytes & 0x0f0f0f0f0f0f0f0f
  value = (value * 10 + (value >> 8)) & 0x00ff00ff00ff00ff
  value = (value * 100 + (value >> 16)) & 0x0000ffff0000ffff
  return (value * 10000 + (value >> 32)) & 0xffffffff
}

/** Where a number ends but for its exponent, whatever its length; 0 = refused. */
export function numberEnd(from: usize): usize {
  const whole = from + <usize>(load<u8>(from) === MINUS)
  let at = digitsEnd(whole, 0)
  if (at === whole || (at - whole > 1 && load<u8>(whole) === ZERO)) return 0
  if (load<u8>(at) === POINT) {
    const fraction = at + 1
    at = digitsEnd(fraction, 0)
    if (at === fraction) return 0
  }
  return at
}
