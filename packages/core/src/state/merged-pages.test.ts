import { expect, test } from 'vitest'
import { bucketKey, writeStateKey } from '../record/format/state-key.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { groupKeyOf, mergedPages } from './merged-pages.ts'
import type { StateEntry } from './state-backend.ts'

function storedAt(key: string) {
  const out = new ByteWriter()
  writeStateKey(1, 7, Buffer.from(key, 'latin1'), out)
  return { key: out.take(), value: Uint8Array.of(1) }
}

async function* pagesOf(...pages: readonly (readonly string[])[]) {
  for (const page of pages) yield page.map(storedAt)
}

type Pages = AsyncIterable<readonly StateEntry[]>

async function merged(inMemory: readonly string[], pages: Pages, size: number) {
  const found: string[][] = []
  for await (const page of mergedPages(inMemory, pages, size)) {
    found.push(
      page.map(({ key, stored }) => {
        const where = `${inMemory.includes(key) ? 'm' : ''}${stored === undefined ? '' : 's'}`
        return `${key}:${where}`
      }),
    )
  }
  return found
}

test('entries come in the order of their keys, each once, with where they are', async () => {
  const pages = pagesOf(['b', 'd'], ['e'])
  const found = await merged(['a', 'b', 'c', 'f'], pages, 100)
  expect(found.flat()).toEqual(['a:m', 'b:ms', 'c:m', 'd:s', 'e:s', 'f:m'])
})

test('pages stay small whatever is in memory alone', async () => {
  const keys = Array.from({ length: 50 }, (_, i) => `k${String(i).padStart(2, '0')}`)
  const found = await merged(keys, pagesOf(['k25']), 10)
  expect(found.flat().map(text => text.split(':')[0])).toEqual(keys)
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(20)
})

test('nothing anywhere is no page', async () => {
  expect(await merged([], pagesOf(), 10)).toEqual([])
})

test('the key of a stored entry is that of its group', () => {
  expect(groupKeyOf(storedAt('x'))).toBe('x')
  expect(Buffer.compare(Buffer.from(bucketKey(1, 7)), Buffer.from(storedAt('').key))).toBe(0)
})
