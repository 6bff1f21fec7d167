import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../schema/refusal.ts'
import { JSON_DEPTH_MAX, parseJson } from './json-parse.ts'

/** The value as `JSON.parse` gives it: with rounded numbers in place of bigint. */
function rounded(value: unknown): unknown {
  const toNumber = (_: string, each: unknown): unknown =>
    typeof each === 'bigint' ? Number(each) : each
  return JSON.parse(JSON.stringify(value, toNumber))
}

describe('what is valid', () => {
  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(rounded(parseJson(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('is read alike when a long number makes it exact', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify([value, 0.5], null, space)
        const long = text.replace(/0\.5(\s*)\]$/, '12345678901234567890$1]')
        expect(long).not.toBe(text)
        const [first, second] = parseJson(long) as unknown[]
        expect(second).toBe(12345678901234567890n)
        expect(rounded(first)).toEqual(JSON.parse(text)[0])
      }),
    )
  })
})

test('whole numbers beyond 2^53 are exact, everything else is a number', () => {
  const text = `{"a":[9007199254740993, -18446744073709551616,9007199254740991,0.1234567890123456,
    1234567890123456e3,1e30, 1],"b":"\\": 12345678901234567890","c":true,"d":false,"e":null}`
  expect(parseJson(text)).toEqual({
    a: [
      9007199254740993n,
      -18446744073709551616n,
      9007199254740991,
      0.1234567890123456,
      1234567890123456e3,
      1e30,
      1,
    ],
    b: '": 12345678901234567890',
    c: true,
    d: false,
    e: null,
  })
  expect(parseJson(`[${'9'.repeat(2_000)}]`)).toEqual([Number.POSITIVE_INFINITY])
})

test('the last of equal names wins and __proto__ is a name like others', () => {
  for (const number of ['1', '12345678901234567890']) {
    const text = `{"a":1,"__proto__":{"x":${number}},"\\u0061":2,"constructor":3}`
    const value = parseJson(text) as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['a', '__proto__', 'constructor'])
    expect(value['a']).toBe(2)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['x']).toBe(undefined)
  }
})

describe('what is not valid', () => {
  test.each([
    ['', 'no bytes'],
    [' \n', 'only white space'],
    ['{"a":', 'a cut-off text: "{\\"a\\":"'],
    ['{"a":1 x}', 'a fault at position 7, near "{\\"a\\":1 x}"'],
  ])('%j', (text, got) => {
    expect(parseJson(text)).toEqual(new Refusal('DECODE_FAILED', 'valid JSON', got))
  })

  test.each(['nul', "{'a':1}", '\ufeff{}', '[1,]', '01', '"\n"', 'NaN', '{"a":1}{"b":2}'])(
    '%j is refused',
    text => {
      expect(parseJson(text)).toMatchObject({ code: 'DECODE_FAILED', expected: 'valid JSON' })
    },
  )

  test('nesting is bounded, brackets in text do not count', () => {
    const nested = (depth: number): string =>
      '[{"\\"[[":'.repeat(depth / 2) + 1 + '}]'.repeat(depth / 2)
    expect(parseJson(nested(JSON_DEPTH_MAX))).not.toBeInstanceOf(Refusal)
    expect(parseJson(nested(JSON_DEPTH_MAX + 2))).toMatchObject({ got: 'deeper nesting' })
    expect(parseJson('['.repeat(1e6) + ']'.repeat(1e6))).toBeInstanceOf(Refusal)
    expect(parseJson(JSON.stringify('[{'.repeat(1e4)))).toBe('[{'.repeat(1e4))
    expect(parseJson(JSON.stringify(new Array(1e4).fill([])))).toHaveLength(1e4)
  })
})
