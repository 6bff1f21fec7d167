import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecimalColumn } from '../../batch/column.ts'
import { t } from '../../schema/data-type.ts'
import { decimalText, fitDecimal } from '../../util/decimal.ts'
import { DECIMAL, decimalEnd } from './decimal-scan.ts'
import { FAULT } from './lexer.ts'

function scanned(text: string, precision: number, scale: number): string | null {
  const data = Buffer.from(`x${text},9`)
  const end = decimalEnd(data, 1, data.length, precision, scale)
  if (end === FAULT) return null
  expect(end).toBe(1 + text.length)
  const values = new BigInt64Array(Int32Array.from(DECIMAL).buffer)
  return new DecimalColumn(t.decimal(precision, scale), values, null).get(0)
}

const digits = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
  .map(([precision, scale]) => [precision, Math.min(precision, scale)] as const)

test('a decimal that is scanned is the one that the clear decoder reads', () => {
  const written = digits.chain(([precision, scale]) => {
    const limit = 10n ** BigInt(precision) - 1n
    return fc.tuple(fc.bigInt({ min: -limit, max: limit }), fc.nat(scale)).map(([units, less]) => {
      // Zeros at the end may be left out.
      const text = decimalText(units, scale)
      const zeros = text.includes('.') ? (/0*$/.exec(text)?.[0].length ?? 0) : 0
      const short = text.slice(0, text.length - Math.min(zeros, less)).replace(/\.$/, '')
      return { text: short, precision, scale }
    })
  })
  fc.assert(
    fc.property(written, ({ text, precision, scale }) => {
      const found = scanned(text, precision, scale)
      expect(found).toBe(fitDecimal(text, precision, scale))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['12.345', 9, 2],
  ['12.340', 9, 2],
  ['12345678', 9, 2],
  ['1e2', 9, 2],
  ['1.5E1', 9, 2],
  ['01', 9, 2],
  ['1.', 9, 2],
  ['.5', 9, 2],
  ['-', 9, 2],
  ['', 9, 2],
  ['+1', 9, 2],
  ['1', 2, 2],
  ['9'.repeat(39), 38, 0],
])('%s is left to the clear decoder', (text, precision, scale) => {
  expect(scanned(text, precision, scale)).toBe(null)
})
