import { expect, test } from 'vitest'
import { memoryStore } from '../object-store/memory-store.ts'
import { publishFile } from './publish-file.ts'

const FILE = { staged: '.a.staged', visible: 'a', isNew: true }

async function after(staged: string | null, visible: string | null, isNew = true) {
  const store = memoryStore()
  if (staged !== null) await store.put('.a.staged', Buffer.from(staged))
  if (visible !== null) await store.put('a', Buffer.from(visible))
  await publishFile(store, { ...FILE, isNew })
  const bytes = await store.get('a', 0, 1e9)
  return [await store.list(''), bytes === null ? null : Buffer.from(bytes).toString()]
}

test('renames; again there is nothing to do', async () => {
  expect(await after('rows', null)).toEqual([['a'], 'rows'])
  expect(await after(null, 'rows')).toEqual([['a'], 'rows'])
  expect(await after(null, null, false)).toEqual([[], null])
})

test('a rename that was half done is finished', async () => {
  const long = 'rows'.repeat(700_000)
  expect(await after(long, long)).toEqual([['a'], long])
})

test('other content is not replaced, and what is lost is said', async () => {
  await expect(after('rows', 'more rows')).rejects.toThrow('SINK_FAILED: a is in memory already')
  const long = 'rows'.repeat(700_000)
  await expect(after(`${long}a`, `${long}b`)).rejects.toThrow('with other rows')
  await expect(after(null, null)).rejects.toThrow('.a.staged has gone from memory')
})
