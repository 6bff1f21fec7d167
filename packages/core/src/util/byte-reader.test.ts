import { expect, test } from 'vitest'
import { ByteReader } from './byte-reader.ts'

const reader = (...bytes: number[]): ByteReader =>
  new ByteReader(Uint8Array.from(bytes), 'a marker')

test('reads a part of a larger buffer, and not beyond', () => {
  const bytes = Buffer.from('before-inside-after')
  const inside = new ByteReader(bytes.subarray(7, 13), 'text')
  expect(inside.text(6)).toBe('inside')
  expect(inside.left).toBe(0)
  expect(() => inside.byte()).toThrow('FORMAT_UNKNOWN')
})

test.each<[string, (cut: ByteReader) => unknown]>([
  ['byte', r => r.byte()],
  ['bytes', r => r.bytes(4)],
  ['text', r => r.text(4)],
  ['int32', r => r.int32()],
  ['int64', r => r.int64()],
  ['float64', r => r.float64()],
])('says what is cut off: %s', (name, read) => {
  const bytes = name === 'byte' ? [] : [1, 2, 3]
  expect(() => read(reader(...bytes))).toThrow(
    /^FORMAT_UNKNOWN: a marker: expected \d bytes at 0, got \d bytes in all/,
  )
})

test('reads what is in front of a byte, and refuses where there is no such byte', () => {
  const bytes = reader(1, 2, 0, 0, 3)
  expect([...bytes.before(0), ...bytes.before(0), bytes.left]).toEqual([1, 2, 1])
  expect(() => bytes.before(0)).toThrow('FORMAT_UNKNOWN')
})

test('a size below zero reads nothing backwards', () => {
  const bytes = reader(1, 2, 3)
  bytes.byte()
  expect(() => bytes.bytes(-1)).toThrow('FORMAT_UNKNOWN')
  expect(bytes.left).toBe(2)
})

test('a number that never ends, or is too large to be exact, is refused', () => {
  expect(() => reader(0x80, 0x80).unsigned()).toThrow('FORMAT_UNKNOWN')
  expect(() => reader(...new Array(9).fill(0xff), 1).unsigned()).toThrow(/at most 53 bits/)
  const largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
  expect(reader(...largest).unsigned()).toBe(Number.MAX_SAFE_INTEGER)
  expect(() => reader(...largest.slice(0, 7), 0x10).unsigned()).toThrow(/at most 53 bits/)
})
