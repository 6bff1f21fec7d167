import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EntryTable } from './entry-table.ts'
import { WrittenEntry } from './entry-writer.ts'

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('latin1')
const entry = (key: string, value: string | null): WrittenEntry =>
  WrittenEntry.of({
    key: Buffer.from(key, 'latin1'),
    value: value === null ? null : Buffer.from(value, 'latin1'),
  })

function contents(table: EntryTable): Map<string, string | null> {
  const found = [...table.ids()].map(id => table.at(id))
  return new Map(found.map(({ key, value }) => [text(key) as string, text(value)]))
}

test('holds what a map holds, whatever comes, changes and goes', () => {
  const key = fc.nat(60).map(number => 'k'.repeat(number % 5) + number)
  const value = fc.option(fc.string({ unit: 'binary-ascii', maxLength: 90 }))
  const change = fc.record({ key, value, isRemoved: fc.integer({ min: 0, max: 3 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), changes => {
      const table = new EntryTable()
      const model = new Map<string, string | null>()
      for (const { key: name, value: to, isRemoved } of changes) {
        const id = table.find(entry(name, null))
        expect(id >= 0).toBe(model.has(name))
        if (id >= 0 && isRemoved === 0) {
          table.remove(id)
          model.delete(name)
        } else {
          table.put(entry(name, to))
          model.set(name, to)
        }
        expect(table.size).toBe(model.size)
      }
      expect(contents(table)).toEqual(model)
      for (const name of model.keys()) {
        expect(text(table.at(table.find(entry(name, null))).key)).toBe(name)
      }
    }),
    { numRuns: 200 },
  )
})

test('keys that come and go leave nothing behind', () => {
  const table = new EntryTable()
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 500; i++) table.put(entry(`${round}.${i}`, 'x'.repeat(60)))
    for (const id of table.ids()) table.remove(id)
  }
  expect([table.size, contents(table).size]).toEqual([0, 0])
  expect(table.bytes).toBeLessThan(120_000)
})

test('entries of one page and of another are the same keys', () => {
  const page = Buffer.from('abcabc12')
  const table = new EntryTable()
  table.put(new WrittenEntry(page, 0, 3, -1))
  table.put(new WrittenEntry(page, 3, 6, 8))
  table.put(entry('abcabc', ''))
  expect(contents(table)).toEqual(
    new Map([
      ['abc', '12'],
      ['abcabc', ''],
    ]),
  )
})
