import { expect, test } from 'vitest'
import type { NativeHeader } from './native-client.ts'
import { EMPTY, fromNativeHeaders, isCutName, toNativeHeaders } from './native-headers.ts'

test('headers of any name keep order, duplicates and bytes', () => {
  const headers = ['b', 'a', 'b', '__proto__', 'constructor', '0', ''].map((name, i) => ({
    name,
    value: Buffer.from([i]),
  }))
  const native = toNativeHeaders(headers)
  expect(native.map(header => Object.keys(header))).toEqual(headers.map(({ name }) => [name]))
  expect(fromNativeHeaders(native)).toEqual(headers)
})

test('a header that the client gives as the prototype is read', () => {
  const header: Record<string, Buffer> = {}
  Object.setPrototypeOf(header, Buffer.from('x'))
  expect(Object.keys(header)).toEqual([])
  expect(fromNativeHeaders([header as NativeHeader])).toEqual([
    { name: '__proto__', value: Buffer.from('x') },
  ])
})

test('empty has memory behind it, by which the client tells it from null', () => {
  expect(EMPTY.length).toBe(0)
  expect(EMPTY.buffer.byteLength).toBeGreaterThan(0)
  const [empty, none] = toNativeHeaders([
    { name: 'n', value: new Uint8Array(0) },
    { name: 'n', value: null },
  ])
  expect(empty?.['n']?.buffer.byteLength).toBeGreaterThan(0)
  expect(none?.['n']?.buffer.byteLength).toBe(0)
})

test('a name with a null character is known to be cut', () => {
  expect(isCutName({ name: 'a\0b', value: null })).toBe(true)
  expect(isCutName({ name: 'ab', value: null })).toBe(false)
})
