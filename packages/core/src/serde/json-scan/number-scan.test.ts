import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FAULT } from './lexer.ts'
import { doubleEnd, int32End, integerEnd, longEnd, NUMBER, safeEnd, WORDS } from './number-scan.ts'

type End = (data: Buffer, from: number, end: number) => number

/** Whether all of the text is read. */
function reads(scan: End, text: string): boolean {
  return scan(Buffer.from(`[${text}1`), 1, 1 + text.length) === 1 + text.length
}

function long(): bigint {
  return (BigInt(WORDS[1] as number) << 32n) | BigInt((WORDS[0] as number) >>> 0)
}

test('doubles are the nearest ones, as JSON.parse has them', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 })
  const decimal = fc
    .tuple(fc.constantFrom('', '-'), fc.nat(999_999), digits)
    .map(([sign, n, more]) => `${sign}${n}.${more}`)
  const any = fc.oneof(
    decimal,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value)),
    fc.tuple(fc.integer(), fc.integer({ min: -340, max: 340 })).map(([m, e]) => `${m}e${e}`),
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
    fc.constantFrom('9007199254740991', '9007199254740993', '0.9007199254740993', '-0', '-0.0'),
  )
  fc.assert(
    fc.property(any, text => {
      expect(reads(doubleEnd, text)).toBe(true)
      expect(NUMBER[0]).toBe(JSON.parse(text))
    }),
    { numRuns: 5_000 },
  )
})

test('64-bit integers are exact', () => {
  const any = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc
      .integer({ min: 0, max: 62 })
      .chain(shift => fc.constantFrom(1n << BigInt(shift), -(1n << BigInt(shift)))),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n) + 1n, 2n ** 53n, 10n ** 18n, -(10n ** 15n)),
  )
  fc.assert(
    fc.property(any, value => {
      if (value === -(2n ** 63n)) return
      expect(reads(longEnd, String(value))).toBe(true)
      expect(long()).toBe(value)
    }),
    { numRuns: 5_000 },
  )
})

test('whole numbers that do not fit, or have another form, are left to others', () => {
  for (const scan of [integerEnd, int32End, safeEnd, longEnd]) {
    for (const text of ['', '-', '01', '-00', '1.0', '1e3', '+1', '9223372036854775808', 'x']) {
      expect(`${text}: ${reads(scan, text)}`).toBe(`${text}: false`)
    }
    expect(reads(scan, '-12')).toBe(true)
  }
  expect(reads(int32End, '2147483647') && reads(int32End, '-2147483648')).toBe(true)
  expect(reads(int32End, '2147483648') || reads(int32End, '-2147483649')).toBe(false)
  expect(reads(safeEnd, '9007199254740991')).toBe(true)
  expect(reads(safeEnd, '9007199254740992')).toBe(false)
  expect(doubleEnd(Buffer.from('1.'), 0, 2)).toBe(FAULT)
})
