import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCell } from '../schema/cell.ts'
import { t } from '../schema/data-type.ts'
import { JSON_DEPTH_MAX, parseJson } from './json-parse.ts'
import { cellText, valueText } from './json-text.ts'

test('values are written as JSON.stringify writes them', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
      expect(JSON.parse(valueText(value, 'x') as string)).toEqual(value)
    }),
  )
  const odd = { a: undefined, b: () => 1, c: [undefined, Symbol('x')], d: new Date(0), e: '\ud800' }
  expect(valueText(odd, 'x')).toBe(JSON.stringify(odd))
  expect(valueText(undefined, 'x')).toBe(undefined)
})

test('bigint, bytes and -0 are kept', () => {
  expect(valueText({ n: [2n ** 64n], b: Buffer.from([1, 2]) }, 'x')).toBe(
    '{"n":[18446744073709551616],"b":"AQI="}',
  )
  expect(valueText(-0, 'x')).toBe('-0')
  expect(cellText(t.float64(), -0, 'x')).toBe('-0')
})

describe('what JSON cannot hold names the column and what to do', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d', number => {
    const text =
      `ENCODE_FAILED: JSON has no ${number}. Make it null or filter the record out before this ` +
      'output. (at column "then")'
    expect(() => cellText(t.float64(), number, 'then')).toThrow(text)
    expect(() => valueText({ deep: [number] }, 'then')).toThrow(text)
  })

  test('circular and deep values', () => {
    const circle: unknown[] = []
    circle.push(circle)
    expect(() => valueText(circle, 'x')).toThrow('the value is circular or nested deeper')
    let deep: unknown = 1
    for (let i = 0; i < JSON_DEPTH_MAX; i++) deep = [deep]
    expect(parseJson(valueText(deep, 'x') as string)).toEqual(deep)
    expect(() => valueText([deep], 'x')).toThrow('deeper')
  })

  test('objects that throw', () => {
    const value = {
      get bad(): never {
        throw new Error('no such thing')
      },
    }
    expect(() => valueText(value, 'x')).toThrow('as JSON: Error: no such thing. Give plain values')
  })
})

test('null is null in every type', () => {
  expect(cellText(t.string().nullable(), null, 'x')).toBe('null')
  expect(cellText(t.json().nullable(), null, 'x')).toBe('null')
})

test('times in their unit are read back', () => {
  const units = fc.constantFrom('s', 'ms', 'us', 'ns' as const)
  fc.assert(
    fc.property(fc.integer({ min: -2.2e12, max: 8.8e12 }), units, (ms, unit) => {
      const type = t.timestamp({ unit })
      const [value] = parseJson(`[${cellText(type, ms, 'x')}]`) as unknown[]
      expect(toCell(type, value, 'json')).toBe(ms)
    }),
  )
  expect(cellText(t.timestamp({ unit: 'ns' }), 0, 'x')).toBe('0')
  expect(cellText(t.timestamp(), 1_785_578_400_250, 'x')).toBe('1785578400250')
})
