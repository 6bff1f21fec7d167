import { expect, test } from 'vitest'
import { EntryWriter } from './entry-writer.ts'

test('entries come back as they were written, over the ends of pages', () => {
  const entries = new EntryWriter()
  const expected: [string, number | null][] = []
  for (let i = 0; i < 5_000; i++) {
    const key = `k${i}`
    entries.out.text(key)
    entries.endKey()
    const size = i % 7 === 0 ? null : (i * 13) % 90
    expected.push([key, size])
    if (size === null) entries.endGone()
    else {
      entries.out.bytes(Buffer.alloc(size, i % 256))
      expect(entries.endValue()).toBe(size)
    }
  }
  const found = entries.take()
  expect(found.map(({ key, value }) => [String(key), value?.length ?? null])).toEqual(expected)
  for (const [i, { value }] of found.entries()) {
    expect(value?.every(byte => byte === i % 256) ?? true).toBe(true)
  }
})

test('nothing written is no entry', () => {
  expect(new EntryWriter().take()).toEqual([])
})
