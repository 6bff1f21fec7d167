import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

function written(write: (out: ByteWriter) => void): number[] {
  const out = new ByteWriter(0)
  write(out)
  return [...out.view()]
}

describe('what is written', () => {
  test('has the bytes that the formats page tells', () => {
    expect(written(out => out.byte(0x101))).toEqual([1])
    expect(written(out => out.int32(-2))).toEqual([0xff, 0xff, 0xff, 0xfe])
    expect(written(out => out.int64(258n))).toEqual([0, 0, 0, 0, 0, 0, 1, 2])
    expect(written(out => out.float64(1))).toEqual([0x3f, 0xf0, 0, 0, 0, 0, 0, 0])
    expect(written(out => out.text('é\u2028'))).toEqual([0xc3, 0xa9, 0xe2, 0x80, 0xa8])
    expect(written(out => out.text('\ud800'))).toEqual([0xef, 0xbf, 0xbd])
    expect(written(out => out.unsigned(300))).toEqual([0xac, 0x02])
    expect([0, -1, 1, -2, 2].flatMap(n => written(out => out.signed(n)))).toEqual([0, 1, 2, 3, 4])
    expect(written(out => out.unsigned(Number.MAX_SAFE_INTEGER)).length).toBe(8)
  })

  test('numbers in decimal digits are as String writes them', () => {
    const decimal = (value: number): string => {
      return Buffer.from(written(out => out.decimal(value))).toString()
    }
    for (const value of [0, 9, 10, 99_999_999, 100_000_000, 1e15, Number.MIN_SAFE_INTEGER]) {
      expect(decimal(value)).toBe(String(value))
    }
    fc.assert(fc.property(fc.maxSafeInteger(), value => decimal(value) === String(value)))
    expect(Buffer.from(written(out => out.digits(42, 4))).toString()).toBe('0042')
  })

  test('ranges are copied, short and long', () => {
    const data = Buffer.from('abc'.repeat(40))
    for (const size of [0, 3, 48, 49, 100]) {
      expect(written(out => out.range(data, 3, size))).toEqual([...data.subarray(3, 3 + size)])
    }
  })

  test('quoted ranges stop at the bytes that they must not hold', () => {
    const quoting = { quote: 0x27, stops: new Uint8Array(256).fill(1, 0x63, 0x64) }
    const out = new ByteWriter(0)
    const data = Buffer.from('abcd')
    expect(out.quoted(data, 0, 2, quoting)).toBe(true)
    expect(out.quoted(data, 1, 3, quoting)).toBe(false)
    expect(out.quoted(data, 3, 1, quoting)).toBe(true)
    expect(out.copy().toString()).toBe("'ab''d'")
  })

  test('is what a reader gives back, in any order of kinds', () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
      fc.record({ kind: fc.constant('int32' as const), value: fc.integer() }),
      fc.record({
        kind: fc.constant('int64' as const),
        value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      }),
      fc.record({ kind: fc.constant('float64' as const), value: fc.double() }),
      fc.record({ kind: fc.constant('unsigned' as const), value: fc.maxSafeNat() }),
      fc.record({
        kind: fc.constant('signed' as const),
        value: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(part), fc.string({ unit: 'binary' }), (parts, text) => {
        const out = new ByteWriter(1)
        for (const { kind, value } of parts) out[kind](value as never)
        out.text(text)
        const reader = new ByteReader(out.view(), 'test')
        for (const { kind, value } of parts) expect(reader[kind]()).toBe(value)
        expect(reader.text(Buffer.byteLength(text))).toBe(text)
        expect(reader.left).toBe(0)
      }),
    )
  })
})

describe('the buffer', () => {
  test('forgets what stands behind truncate, and all at reset', () => {
    const out = new ByteWriter()
    out.text('kept')
    const { size } = out
    out.text('dropped')
    out.truncate(size)
    out.text('!')
    expect(out.copy().toString()).toBe('kept!')
    out.reset()
    expect(out.size).toBe(0)
  })

  test('a copy stays when the writer goes on', () => {
    const out = new ByteWriter()
    out.text('one')
    const copy = out.copy()
    out.reset()
    out.text('two')
    expect(copy.toString()).toBe('one')
  })

  test('what was taken stays too, and the writer is empty', () => {
    const out = new ByteWriter()
    out.text('one')
    const taken = out.take()
    expect(out.size).toBe(0)
    out.text('two')
    expect(taken.toString()).toBe('one')
    expect(out.take().toString()).toBe('two')
  })
})

test.each([0, 1, 127, 128, 300, 20_000])('a part of %i bytes stands behind its size', bytes => {
  const out = new ByteWriter(2)
  out.byte(7)
  const start = out.beginPart()
  for (let i = 0; i < bytes; i++) out.byte(i % 251)
  out.endPart(start)
  out.byte(9)
  const clear = new ByteWriter()
  clear.byte(7)
  clear.unsigned(bytes)
  clear.bytes(Buffer.from(Array.from({ length: bytes }, (_, i) => i % 251)))
  clear.byte(9)
  expect(out.copy()).toEqual(clear.copy())
})
