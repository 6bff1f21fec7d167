import { expect, test } from 'vitest'
import { readStateKey } from '../record/format/state-key.ts'
import { EntryWriter } from './entry-writer.ts'
import { KeyTable } from './key-table.ts'

test('entries come back as they were written, over the ends of pages', () => {
  const entries = new EntryWriter()
  const keys = new KeyTable()
  const expected: [string, number | null][] = []
  for (let i = 0; i < 5_000; i++) {
    const key = `k${i}`
    entries.key(3, i, keys, keys.atText(key))
    const size = i % 7 === 0 ? null : (i * 13) % 90
    expected.push([`3 ${i} ${key}`, size])
    if (size === null) entries.endGone()
    else {
      entries.out.bytes(Buffer.alloc(size, i % 256))
      expect(entries.endValue()).toBe(size)
    }
  }
  const found = entries.take()
  const read = found.map(({ key, value }) => {
    const { store, windowEnd, groupKey } = readStateKey(key)
    return [`${store} ${windowEnd} ${groupKey}`, value?.length ?? null]
  })
  expect(read).toEqual(expected)
  for (const [i, { value }] of found.entries()) {
    expect(value?.every(byte => byte === i % 256) ?? true).toBe(true)
  }
})

test('nothing written is no entry', () => {
  expect(new EntryWriter().take()).toEqual([])
})
