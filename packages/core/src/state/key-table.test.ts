import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyTable } from './key-table.ts'

const keys = fc.array(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(String.fromCharCode) }),
)

test('each key has one number, whether it is asked for by its bytes or as text', () => {
  fc.assert(
    fc.property(keys, all => {
      const table = new KeyTable()
      const numbers = new Map<string, number>()
      for (const text of all) {
        expect(table.find(text)).toBe(numbers.get(text) ?? -1)
        const bytes = Buffer.from(`--${text}--`, 'latin1')
        const size = Int32Array.of(1, text.length)
        const ranges = { data: bytes, start: Int32Array.of(0, 2), size }
        const [id] = table.atAll(ranges, Int32Array.of(1)) as unknown as [number]
        expect(id).toBe(numbers.get(text) ?? numbers.size)
        numbers.set(text, id)
        expect(table.atText(text)).toBe(id)
      }
      for (const [text, id] of numbers) {
        expect([table.textOf(id), table.sizeOf(id)]).toEqual([text, text.length])
      }
      const { data, start, size } = table.rangesOf(Int32Array.from(numbers.values()))
      const texts = Array.from(start, (from, i) => {
        return Buffer.from(data).toString('latin1', from, from + (size[i] as number))
      })
      expect(texts).toEqual([...numbers.keys()])
    }),
  )
})

test('a key of another table has a number of its own in this one', () => {
  const from = new KeyTable()
  const table = new KeyTable()
  const ids = Array.from({ length: 300 }, (_, i) => from.atText(`key ${i}`))
  const own = ids.map(id => table.atKey(from, id)).reverse()
  expect(ids.map(id => table.atKey(from, id)).reverse()).toEqual(own)
  expect(own.map(id => table.textOf(id))).toEqual(ids.map(id => from.textOf(id)).reverse())
})

test('a note is that of the key, and stays while others come', () => {
  const table = new KeyTable()
  const ids = ['a', 'b'].map(text => table.atText(text))
  for (const id of ids) table.note(id, id + 7)
  for (let i = 0; i < 5_000; i++) table.note(table.atText(`other ${i}`), 1)
  expect(ids.map(id => table.noteOf(id))).toEqual(ids.map(id => id + 7))
})

test('after a sweep keys of any kind come and go as before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 8 }), parts => {
      const table = new KeyTable()
      const held = new Map<string, number>()
      for (const [part, isHeld] of parts) {
        for (const text of part) {
          const id = table.atText(text)
          expect(held.get(text) ?? id).toBe(id)
          if (!isHeld || held.has(text)) continue
          table.hold(id)
          held.set(text, id)
        }
        for (let i = 0; i < 1_100; i++) table.atText(`idle ${i}`)
        table.sweep()
        expect(table.size).toBe(held.size)
        for (const [text, id] of held)
          expect([table.find(text), table.textOf(id)]).toEqual([id, text])
      }
    }),
    { numRuns: 30 },
  )
})

test('keys nobody holds are forgotten when there are many; the others keep number and bytes', () => {
  const table = new KeyTable()
  const held = Array.from({ length: 1_000 }, (_, i) => table.atText(`held ${i}`))
  for (const id of held) table.hold(id)
  for (let i = 0; i < 5_000; i++) {
    const id = table.atText(`idle ${i}`)
    table.hold(id)
    table.letGo(id)
  }
  const { data } = table
  const before = [table.startOf(7), table.sizeOf(7)] as const
  table.sweep()
  expect(table.size).toBe(1_000)
  expect(data.toString('latin1', before[0], before[0] + before[1])).toBe('held 7')
  expect(held.map(id => table.textOf(id))).toEqual(held.map((_, i) => `held ${i}`))
  expect(held.map((_, i) => table.find(`held ${i}`))).toEqual(held)
  expect(table.find('idle 7')).toBe(-1)
  const again = Array.from({ length: 6_000 }, (_, i) => table.atText(`new ${i}`))
  expect(new Set([...held, ...again]).size).toBe(7_000)
})

test('few keys that nobody holds stay', () => {
  const table = new KeyTable()
  const id = table.atText('a')
  table.hold(id)
  table.letGo(id)
  table.sweep()
  expect(table.find('a')).toBe(id)
})

test.each([0, 4, 8])('keys of one hash that are the same from byte %i on are told apart', from => {
  const table = new KeyTable()
  const count = 300_000
  // So many have about ten pairs of one hash of 32 bits.
  const words = Int32Array.from({ length: 3 * count }, (_, i) => Math.imul(i, 0x9e3779b1))
  for (let i = 0; i < count; i++) words[3 * i + from / 4] = 7
  const data = Buffer.from(words.buffer)
  const start = Int32Array.from({ length: count }, (_, i) => 12 * i)
  const keys = { data, start, size: new Int32Array(count).fill(12) }
  const all = Int32Array.from({ length: count }, (_, i) => i)
  for (const ids of [table.atAll(keys, all), table.atAll(keys, all)]) {
    expect(ids.every((id, i) => id === i)).toBe(true)
  }
})
