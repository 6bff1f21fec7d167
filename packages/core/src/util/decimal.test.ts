import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareDecimals,
  DecimalMisfit,
  decimalText,
  fitDecimal,
  isWithin,
  unscaledAt,
} from './decimal.ts'

const LIMIT = 10n ** 38n - 1n
const units = fc.oneof(
  fc.bigInt({ min: -LIMIT, max: LIMIT }),
  fc.integer().map(BigInt),
  fc.constantFrom(0n, LIMIT, -LIMIT, 1n, -1n),
)
const scale = fc.integer({ min: 0, max: 38 })

/** The value as a fraction of whole numbers, made of the text alone. */
function fractionOf(text: string): [top: bigint, bottom: bigint] {
  const [, digits = '', exponent = '0'] = /^([^e]+)(?:e(.+))?$/i.exec(text) ?? []
  const [whole = '', fraction = ''] = digits.split('.')
  const top = BigInt(whole + fraction)
  const power = Number(exponent) - fraction.length
  return power >= 0 ? [top * 10n ** BigInt(power), 1n] : [top, 10n ** BigInt(-power)]
}

const areEqual = (left: string, right: string): boolean => {
  const [[a, b], [c, d]] = [fractionOf(left), fractionOf(right)]
  return a * d === c * b
}

test('text and smallest units are two forms of one value', () => {
  fc.assert(
    fc.property(units, scale, (value, digits) => {
      const text = decimalText(value, digits)
      expect(unscaledAt(text, digits)).toBe(value)
      expect(fractionOf(text)).toEqual([value, 10n ** BigInt(digits)])
      expect(fitDecimal(text, 38, digits)).toBe(isWithin(value, 38) ? text : expect.anything())
      if (Number.isSafeInteger(Number(value))) expect(decimalText(Number(value), digits)).toBe(text)
    }),
  )
})

test('the same number has the same text, however it is written', () => {
  const written = fc
    .tuple(fc.integer(), fc.nat(6), fc.integer({ min: -6, max: 6 }), fc.nat(3), fc.nat(3))
    .map(([value, fraction, exponent, zeros, more]) => {
      const text = decimalText(value, fraction)
      const sign = text.startsWith('-') ? '-' : ''
      const padded = '0'.repeat(zeros) + text.slice(sign.length)
      const point = padded.includes('.') || more === 0 ? '' : '.'
      return `${sign}${padded}${point}${'0'.repeat(more)}e${exponent}`
    })
  fc.assert(
    fc.property(written, text => {
      const fitted = fitDecimal(text, 38, 12) as string
      expect(fitted).toMatch(/^(-(?=.*[1-9]))?(0|[1-9]\d*)\.\d{12}$/)
      expect(areEqual(fitted, text)).toBe(true)
    }),
  )
})

describe('what does not fit is told from what is no number', () => {
  test.each([
    ['12.345', 9, 2, 'scale'],
    ['12.340', 9, 2, '12.34'],
    ['1e-3', 9, 2, 'scale'],
    ['0e-99999999999', 9, 2, '0.00'],
    ['1e-99999999999', 9, 2, 'scale'],
    ['1e99999999999', 9, 2, 'precision'],
    ['12345678', 9, 2, 'precision'],
    ['1234567.89', 9, 2, '1234567.89'],
    ['0001234567.89', 9, 2, '1234567.89'],
    ['1', 2, 2, 'precision'],
    ['-0.99', 2, 2, '-0.99'],
    ['-0', 5, 0, '0'],
    ['', 9, 2, 'form'],
    ['.5', 9, 2, 'form'],
    ['5.', 9, 2, 'form'],
    ['+5', 9, 2, 'form'],
    ['1_000', 9, 2, 'form'],
    ['NaN', 9, 2, 'form'],
    [' 1', 9, 2, 'form'],
    ['1\n', 9, 2, 'form'],
  ])('%j as decimal(%i, %i)', (text, precision, digits, expected) => {
    const fitted = fitDecimal(text, precision, digits)
    expect(fitted instanceof DecimalMisfit ? fitted.fault : fitted).toBe(expected)
  })
})

test('the order is that of the values, whatever the scales', () => {
  fc.assert(
    fc.property(units, scale, units, scale, (a, s, b, r) => {
      const [left, right] = [decimalText(a, s), decimalText(b, r)]
      const [x, y] = [a * 10n ** BigInt(38 - s), b * 10n ** BigInt(38 - r)]
      expect(Math.sign(compareDecimals(left, right))).toBe(x < y ? -1 : Number(x > y))
    }),
  )
})
