/**
 * Doubles as whole numbers of units of 2^-1074, the smallest double there is: exact arithmetic with
 * bigints.
 */

const BITS = new DataView(new ArrayBuffer(8))
const UNIT_EXPONENT = 1074
const MANTISSA_BITS = 53

/** The value of a finite double in units. */
export function unitsOf(value: number): bigint {
  BITS.setFloat64(0, value)
  const high = BITS.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const fraction = (high & 0xfffff) * 2 ** 32 + BITS.getUint32(4)
  const units =
    exponent === 0 ? BigInt(fraction) : BigInt(fraction + 2 ** 52) << BigInt(exponent - 1)
  return value < 0 ? -units : units
}

/** A whole number in units. */
export function unitsOfInteger(value: bigint): bigint {
  return value << BigInt(UNIT_EXPONENT)
}

/**
 * The double nearest to `units` / `divisor` (> 0), ties to even; infinite beyond the greatest
 * double; never -0. The quotient is cut to 53 bits, or to whole units where there are fewer, and
 * rounded by what is left: once.
 */
export function roundUnits(units: bigint, divisor: bigint): number {
  const magnitude = units < 0n ? -units : units
  let shift = BigInt(Math.max(0, bitLength(magnitude) - bitLength(divisor) - MANTISSA_BITS))
  let denominator = divisor << shift
  let quotient = magnitude / denominator
  if (quotient >> BigInt(MANTISSA_BITS) !== 0n) {
    shift += 1n
    denominator <<= 1n
    quotient = magnitude / denominator
  }
  const left = 2n * (magnitude - quotient * denominator)
  const isUp = left > denominator || (left === denominator && (quotient & 1n) === 1n)
  const rounded = Number(quotient) + Number(isUp)
  const value = rounded * 2 ** (Number(shift) - UNIT_EXPONENT)
  return units < 0n && value !== 0 ? -value : value
}

function bitLength(value: bigint): number {
  const digits = value.toString(16)
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0] as string, 16)) + 28
}
