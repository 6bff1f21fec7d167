import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { FloatSum } from './float-sum.ts'

const INFINITY = Number.POSITIVE_INFINITY

function sumOf(values: readonly number[]): FloatSum {
  const sum = new FloatSum()
  for (const value of values) sum.add(value)
  return sum
}

function written(sum: FloatSum): Buffer {
  const out = new ByteWriter()
  sum.write(out)
  return out.copy()
}

// The oracle: doubles as whole numbers of 2^-1074, read off their bits, and a check that a result
// is the nearest double.

function exact(value: number): bigint {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  const bits = bytes.readBigUInt64BE()
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xfffffffffffffn
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return bits >> 63n === 1n ? -size : size
}

function neighbour(value: number, step: 1n | -1n): number {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(Math.abs(value))
  const bits = bytes.readBigUInt64BE() + step * (value < 0 ? -1n : 1n)
  if (bits < 0n) return step > 0n ? Number.MIN_VALUE : -Number.MIN_VALUE
  bytes.writeBigUInt64BE(bits)
  return bytes.readDoubleBE() * (value < 0 ? -1 : 1)
}

/** As if there were one more exponent: the double after the greatest would be 2^1024. */
const exactOrBeyond = (value: number): bigint => {
  if (Number.isFinite(value)) return exact(value)
  return value > 0 ? 1n << 2098n : -(1n << 2098n)
}

function isEven(value: number): boolean {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return (bytes[7]! & 1) === 0
}

/** Is `got` the double nearest to `numerator / divisor`, ties to even? */
function expectNearest(got: number, numerator: bigint, divisor: bigint): void {
  const distance = (value: number): bigint => {
    const difference = exactOrBeyond(value) * divisor - numerator
    return difference < 0n ? -difference : difference
  }
  if (!Number.isFinite(got)) {
    expect(distance(got)).toBeLessThanOrEqual(
      distance(got > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE),
    )
    return
  }
  expect(Object.is(got, -0)).toBe(false)
  for (const step of [1n, -1n] as const) {
    const other = got === 0 ? Number(step) * Number.MIN_VALUE : neighbour(got, step)
    const isNearer = distance(got) < distance(other)
    const isTie = distance(got) === distance(other)
    expect([got, other, isNearer || (isTie && isEven(got))]).toEqual([got, other, true])
  }
}

function expectExact(values: readonly number[]): void {
  const total = values.reduce((sum, value) => sum + exact(value), 0n)
  const sum = sumOf(values)
  expectNearest(sum.sum(), total, 1n)
  if (values.length > 0) expectNearest(sum.mean(), total, BigInt(values.length))
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const power = fc.tuple(fc.integer({ min: -1074, max: 1023 }), fc.boolean())
const awkward = fc.oneof(
  finite,
  power.map(([exponent, isNegative]) => (isNegative ? -1 : 1) * 2 ** exponent),
  fc.double({ noNaN: true, min: -1e-307, max: 1e-307 }),
  fc.double({ noNaN: true, min: 0.9 * Number.MAX_VALUE, max: Number.MAX_VALUE }),
  fc.constantFrom(1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 0.1, -0, 0),
  fc.constantFrom(1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** -53, 2 ** -54, -(2 ** -54), 2 ** 54),
)

describe('sum and mean are the doubles nearest to the truth', () => {
  test('for any doubles', () => {
    fc.assert(fc.property(fc.array(awkward, { maxLength: 40 }), expectExact), { numRuns: 1500 })
  })

  test('for prices, and for means near halfway between two doubles', () => {
    const prices = fc.array(
      fc.integer({ min: -1_000_000, max: 10_000_000 }).map(cents => cents / 100),
      { maxLength: 200 },
    )
    const nearHalves = fc
      .tuple(
        fc.integer({ min: 2 ** 52, max: 2 ** 53 - 1 }),
        fc.integer({ min: 2, max: 60 }),
        fc.constantFrom(0, 1, -1, 2 ** -30, -(2 ** -30), 2 ** -60, -(2 ** -60)),
      )
      .map(([whole, count, tip]) => [
        ...new Array<number>(count).fill(whole),
        ...new Array<number>(count).fill(0.5),
        ...new Array<number>(count).fill(0),
        tip,
      ])
    fc.assert(fc.property(fc.oneof(prices, nearHalves), expectExact), { numRuns: 2000 })
  })

  test('when nearly everything cancels', () => {
    const cancelling = fc
      .tuple(fc.array(awkward, { maxLength: 20 }), fc.array(awkward, { maxLength: 2 }), fc.nat())
      .map(([values, rest, turn]) => {
        const all = [...values, ...rest, ...values.map(value => -value)]
        return all.map((_, i) => all[(i * 7 + turn) % all.length] as number)
      })
    fc.assert(fc.property(cancelling, expectExact), { numRuns: 500 })
  })
  test('when the partials that are left nearly cancel each other', () => {
    expectExact([-1e308, -(2 ** -65), -1.5046327690525283e-36, 1, 1, -1, -1, 1e308, 2 ** -65])
  })

  test('for halves that only a far smaller value decides', () => {
    const halves = fc.tuple(
      fc.integer({ min: 2 ** 52, max: 2 ** 53 - 1 }),
      fc.constantFrom(0, 2 ** -80, -(2 ** -80), 2 ** -1074, -(2 ** -1074)),
      fc.integer({ min: -500, max: 500 }),
    )
    fc.assert(
      fc.property(halves, ([whole, tip, exponent]) => {
        expectExact([whole * 2 ** exponent, 2 ** (exponent - 1), tip])
        expectExact([-whole * 2 ** exponent, -(2 ** (exponent - 1)), tip])
      }),
      { numRuns: 1000 },
    )
  })

  test('for a ladder of powers that needs more partials than are kept', () => {
    const ladder = Array.from({ length: 38 }, (_, i) => 2 ** (-1070 + i * 54))
    expectExact(ladder)
    expectExact([...ladder, ...ladder.map(value => -value), 0.1])
    expect(written(sumOf(ladder)).length).toBeLessThan(32 * 8 + 300)
  })
})

test('known cases', () => {
  expect(sumOf(new Array<number>(10).fill(0.1)).sum()).toBe(1)
  expect(sumOf([1e16, 1, -1e16]).sum()).toBe(1)
  expect(sumOf([1e308, 1e308, -1e308]).sum()).toBe(1e308)
  expect(sumOf([1e308, 1e308]).sum()).toBe(INFINITY)
  expect(sumOf([1e308, 1e308]).mean()).toBe(1e308)
  expect(sumOf([0.1, 0.2, 0.3]).mean()).toBe(0.2)
  expect(sumOf([Number.MIN_VALUE, Number.MIN_VALUE]).mean()).toBe(Number.MIN_VALUE)
})

test('zero is 0 and never -0', () => {
  expect(sumOf([-0, -0]).sum()).toBe(0)
  expect(sumOf([-0]).mean()).toBe(0)
  expect(sumOf([-Number.MIN_VALUE, 0, 0]).mean()).toBe(0)
})

test('infinities and NaN are what they are in any order', () => {
  expect(sumOf([1, INFINITY, -1e308, INFINITY]).sum()).toBe(INFINITY)
  expect(sumOf([-INFINITY, 1]).mean()).toBe(-INFINITY)
  expect(sumOf([INFINITY, 1, -INFINITY]).sum()).toBeNaN()
  expect(sumOf([Number.NaN, INFINITY]).mean()).toBeNaN()
  expect(new FloatSum().mean()).toBeNaN()
  expect(new FloatSum().sum()).toBe(0)
})

test('millions of great values do not overflow on the way', () => {
  const sum = new FloatSum()
  const great = 2 ** 999.9
  for (let i = 0; i < 1_000_000; i++) sum.add(great)
  for (let i = 0; i < 999_999; i++) sum.add(-great)
  expect(sum.sum()).toBe(great)
  expect(sum.count).toBe(1_999_999)
})

test('stays small where values are ordinary', () => {
  const sum = new FloatSum()
  for (let i = 1; i <= 100_000; i++) sum.add(i / 3)
  expect(written(sum).length).toBeLessThan(40)
})

test('unknown flags are refused', () => {
  const bytes = written(sumOf([1]))
  bytes[2] = 16
  expect(() => FloatSum.read(new ByteReader(bytes, 'state'))).toThrow('flags 0 to 15')
})
