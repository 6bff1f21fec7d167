/**
 * Exact arithmetic on doubles by whole numbers of any size: the clear version of what the engine's
 * float sums promise (the true sum, rounded once).
 */

/** The least bit of a double: every finite double is a whole multiple of 2^-1074. */
const UNIT_EXPONENT = 1074
const UNIT = BigInt(UNIT_EXPONENT)

/** The double as a multiple of 2^-1074. */
function unitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return bits >> 63n === 1n ? -magnitude : magnitude
}

/** numerator / denominator × 2^-1074, rounded to the nearest double, ties to even. */
function rounded(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -rounded(-numerator, denominator)
  // The last place of the result is 2^place units; a double has 53 places.
  let place = 0n
  while (numerator >= (denominator << place) << 53n) place++
  const divisor = denominator << place
  const quotient = numerator / divisor
  const rest = 2n * (numerator % divisor)
  const isUp = rest > divisor || (rest === divisor && quotient % 2n === 1n)
  return scaled(quotient + (isUp ? 1n : 0n), place)
}

/**
 * quotient × 2^(place - 1074), which has no more places than a double; infinite beyond the doubles.
 * In two steps, as 2^-1074 times a power above 2^1023 would not be a double on the way.
 */
function scaled(quotient: bigint, place: bigint): number {
  const half = Math.floor((Number(place) - UNIT_EXPONENT) / 2)
  return Number(quotient) * 2 ** half * 2 ** (Number(place) - UNIT_EXPONENT - half)
}

export function exactSum(values: readonly number[]): number {
  return special(values) ?? rounded(values.map(unitsOf).reduce(add, 0n), 1n)
}

/** @param divisor of the mean; only of whole numbers. */
export function exactMean(values: readonly (number | bigint)[], divisor = 1n): number {
  const numbers = values.filter(value => typeof value === 'number')
  const found = special(numbers)
  if (found !== null) return found
  const units = values.map(value => (typeof value === 'bigint' ? value << UNIT : unitsOf(value)))
  return rounded(units.reduce(add, 0n), BigInt(values.length) * divisor)
}

function add(left: bigint, right: bigint): bigint {
  return left + right
}

/** The sum when one of the values is not finite. */
function special(values: readonly number[]): number | null {
  if (values.every(Number.isFinite)) return null
  return values.filter(value => !Number.isFinite(value)).reduce((left, right) => left + right)
}
