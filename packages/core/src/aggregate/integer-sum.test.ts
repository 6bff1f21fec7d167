import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { IntegerSum } from './integer-sum.ts'
import { roundUnits, unitsOfInteger } from './units.ts'

const whole = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2n ** 53n, -(2n ** 53n)),
)

function sumOf(values: readonly (number | bigint)[]): IntegerSum {
  const sum = new IntegerSum()
  for (const value of values) sum.add(value)
  return sum
}

test('is the sum that bigints give, stored and merged too', () => {
  fc.assert(
    fc.property(fc.array(whole), fc.array(whole), (left, right) => {
      const expected = [...left, ...right].reduce<bigint>((sum, value) => sum + BigInt(value), 0n)
      expect(sumOf([...left, ...right]).total()).toBe(expected)
      const merged = sumOf(left)
      merged.merge(sumOf(right))
      expect(merged.total()).toBe(expected)
      const out = new ByteWriter()
      merged.write(out)
      const restored = IntegerSum.read(new ByteReader(out.view(), 'state'))
      expect([restored.total(), restored.count]).toEqual([expected, left.length + right.length])
    }),
  )
})

test('the mean is the true quotient, rounded once', () => {
  fc.assert(
    fc.property(fc.array(whole, { minLength: 1 }), values => {
      const sum = sumOf(values)
      expect(sum.mean()).toBe(roundUnits(unitsOfInteger(sum.total()), BigInt(values.length)))
    }),
  )
  expect(sumOf([1, 2]).mean()).toBe(1.5)
  expect(sumOf([0, -0]).mean()).toBe(0)
  expect(sumOf([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]).mean()).toBe(2 ** 53 - 1)
  expect(new IntegerSum().mean()).toBeNaN()
})
