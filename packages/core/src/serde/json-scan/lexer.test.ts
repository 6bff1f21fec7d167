import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JSON_DEPTH_MAX } from '../json-parse.ts'
import { blankEnd, FAULT, numberEnd, stringEnd, valueEnd } from './lexer.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether the text is one value, and nothing of what stands behind it is looked at. */
function isValue(text: string): boolean {
  const bytes = Buffer.from(text)
  return valueEnd(Buffer.concat([bytes, Buffer.from('"]}1')]), 0, bytes.length, 0) === bytes.length
}

test('reads whole values and no other, cut at any byte', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      expect(isValue(text)).toBe(true)
      for (let end = 0; end < text.length; end++) {
        const cut = text.slice(0, end)
        if (isValue(cut) !== isJson(cut)) return false
      }
      return true
    }),
  )
})

test('numbers have the forms of JSON', () => {
  const digit = fc.constantFrom('0', '1', '9', '-', '+', '.', 'e', 'E')
  fc.assert(
    fc.property(fc.array(digit, { minLength: 1, maxLength: 6 }), parts => {
      const text = parts.join('')
      expect(numberEnd(Buffer.from(text), 0, text.length) === text.length).toBe(isJson(text))
    }),
    { numRuns: 3_000 },
  )
})

test('text is UTF-8, every sequence of two and three bytes and the limits of four', () => {
  const isText = (...bytes: number[]): boolean =>
    stringEnd(Buffer.from([...bytes, 0x22]), 0, bytes.length + 1) === bytes.length
  for (let first = 0x80; first < 0x100; first++) {
    for (let second = 0x60; second < 0x100; second++) {
      if (isText(first, second) !== isUtf8(Buffer.from([first, second]))) {
        expect([first, second]).toBe('told wrongly')
      }
      for (const third of [0x21, 0x7f, 0x80, 0xbf, 0xc0]) {
        const three = [first, second, third]
        if (isText(...three) !== isUtf8(Buffer.from(three))) expect(three).toBe('told wrongly')
        for (const fourth of [0x21, 0x7f, 0x80, 0xbf, 0xc0]) {
          const four = [...three, fourth]
          if (isText(...four) !== isUtf8(Buffer.from(four))) expect(four).toBe('told wrongly')
        }
      }
    }
  }
})

test('a string with escapes is told from one that stands for itself', () => {
  const end = (text: string): number => stringEnd(Buffer.from(text), 0, Buffer.byteLength(text))
  expect(end('plain é"')).toBe(8)
  expect(end('a\\"b"')).toBe(~4)
  expect(end('a\\\\"b"')).toBe(~3)
  expect([end('no quote'), end('a\nb"'), end('\\x"'), end('\\u00g0"'), end('\\u00')]).toEqual(
    new Array(5).fill(FAULT),
  )
})

test('nesting is bounded with what is around', () => {
  const deep = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
  const most = deep(JSON_DEPTH_MAX)
  expect(valueEnd(most, 0, most.length, 0)).toBe(most.length)
  expect(valueEnd(most, 0, most.length, 1)).toBe(FAULT)
  const huge = deep(100_000)
  expect(valueEnd(huge, 0, huge.length, 0)).toBe(FAULT)
})

test('white space is that of JSON', () => {
  expect(blankEnd(Buffer.from(' \t\r\n x'), 0, 6)).toBe(5)
  for (const other of ['\v', '\f', '\u00a0', '\ufeff', '\0']) {
    expect(blankEnd(Buffer.from(other), 0, other.length)).toBe(0)
  }
})
