import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clearingKey,
  END_KEY,
  endOfPrefix,
  FIRST_KEY,
  prefixed,
  RECORD_KEY,
  spacePrefix,
} from './state-keys.ts'

const space = fc.oneof(
  fc.constantFrom(
    '',
    'totals/1',
    'totals/10',
    'totals',
    '\u0000',
    'a'.repeat(127),
    'a'.repeat(200),
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const bytes = fc.uint8Array({ maxLength: 12 })

const keyOf = (name: string, key: Uint8Array): Buffer =>
  prefixed(spacePrefix(name), [key])[0] as Buffer
const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex')

describe('keys of state', () => {
  test('are as docs/formats.md has them', () => {
    expect(hex(RECORD_KEY)).toBe('00')
    expect(hex(keyOf('totals/3', Uint8Array.of(0, 255)))).toBe('0108746f74616c732f3300ff')
    expect(hex(clearingKey('totals/3'))).toBe('0208746f74616c732f33')
  })

  test('no space and no key is mistaken for the beginning of another', () => {
    fc.assert(
      fc.property(space, bytes, space, bytes, (one, key, two, other) => {
        const isSame = one === two && hex(key) === hex(other)
        expect(keyOf(one, key).equals(keyOf(two, other))).toBe(isSame)
        const isInside = keyOf(two, other).subarray(0, spacePrefix(one).length)
        expect(isInside.equals(spacePrefix(one))).toBe(one === two)
      }),
    )
  })

  test('a space lies between its prefix and the end of it, and nothing else does', () => {
    fc.assert(
      fc.property(space, space, bytes, (one, two, key) => {
        const prefix = spacePrefix(one)
        const at = keyOf(two, key)
        const isBetween =
          Buffer.compare(prefix, at) <= 0 && Buffer.compare(at, endOfPrefix(prefix)) < 0
        expect(isBetween).toBe(one === two)
        for (const alien of [RECORD_KEY, clearingKey(one), clearingKey(two)]) {
          const isIn =
            Buffer.compare(prefix, alien) <= 0 && Buffer.compare(alien, endOfPrefix(prefix)) < 0
          expect(isIn).toBe(false)
        }
      }),
    )
  })

  test('within a space, they are in the order of their bytes', () => {
    fc.assert(
      fc.property(space, bytes, bytes, (name, one, two) => {
        const order = Buffer.compare(keyOf(name, one), keyOf(name, two))
        expect(order).toBe(Buffer.compare(one, two))
      }),
    )
  })

  test('all lie between the first and the end', () => {
    fc.assert(
      fc.property(space, bytes, (name, key) => {
        for (const at of [RECORD_KEY, clearingKey(name), keyOf(name, key)]) {
          expect(Buffer.compare(FIRST_KEY, at)).toBeLessThanOrEqual(0)
          expect(Buffer.compare(at, END_KEY)).toBe(-1)
        }
      }),
    )
  })

  test('a name that UTF-8 can not hold is refused, as two of them would be one', () => {
    expect(() => spacePrefix('\ud800')).toThrow('INVALID_ARGUMENT: a space of state')
  })
})
