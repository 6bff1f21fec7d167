import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHECK_BYTES, openValue, writeCheck } from './sealed-value.ts'

function sealValue(key: Uint8Array, value: Uint8Array): Buffer {
  const all = Buffer.concat([key, value, Buffer.alloc(CHECK_BYTES)])
  expect(writeCheck(all, 0, key.length + value.length)).toBe(all.length)
  return all.subarray(key.length)
}

const bytes = fc.uint8Array({ maxLength: 40 })

test('a value comes out as it went in', () => {
  fc.assert(
    fc.property(bytes, bytes, (key, value) => {
      expect([...openValue(key, sealValue(key, value))]).toEqual([...value])
    }),
  )
})

test('a bit that flips is found, in the value, its check and its key', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.nat(7), (key, value, at, bit) => {
      const sealed = sealValue(key, value)
      const all = Buffer.concat([key, sealed])
      all[at % all.length] = (all[at % all.length] as number) ^ (1 << bit)
      const [badKey, bad] = [all.subarray(0, key.length), all.subarray(key.length)]
      expect(() => openValue(badKey, bad)).toThrow('STATE_CORRUPT')
    }),
  )
})

test('a value that is cut off is found', () => {
  const sealed = sealValue(Buffer.from('key'), Buffer.from('value'))
  for (let size = 0; size < sealed.length; size++) {
    expect(() => openValue(Buffer.from('key'), sealed.subarray(0, size))).toThrow(
      'the value of key 6b6579 is not what was written',
    )
  }
})
