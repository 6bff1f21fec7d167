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
        const id = table.at(bytes, 2, bytes.length - 2)
        expect(id).toBe(numbers.get(text) ?? numbers.size)
        numbers.set(text, id)
        expect(table.atText(text)).toBe(id)
      }
      for (const [text, id] of numbers) {
        expect([table.textOf(id), table.sizeOf(id)]).toEqual([text, text.length])
      }
    }),
  )
})

test('ranks are the order of the bytes, whenever they are asked for', () => {
  fc.assert(
    fc.property(fc.array(keys), parts => {
      const table = new KeyTable()
      const known = new Set<string>()
      for (const part of parts) {
        for (const text of part) {
          table.atText(text)
          known.add(text)
        }
        const ranks = table.ranks()
        const sorted = [...known].sort()
        expect(sorted.map(text => ranks[table.find(text)])).toEqual(sorted.map((_, i) => i))
      }
    }),
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
  const ranks = table.ranks()
  expect((ranks[held[0] as number] as number) < (ranks[again[0] as number] as number)).toBe(true)
})

test('few keys that nobody holds stay', () => {
  const table = new KeyTable()
  const id = table.atText('a')
  table.hold(id)
  table.letGo(id)
  table.sweep()
  expect(table.find('a')).toBe(id)
})
