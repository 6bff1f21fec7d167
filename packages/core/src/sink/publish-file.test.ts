import { expect, test } from 'vitest'
import { memoryStore } from '../object-store/memory-store.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { digestOf, publishFile } from './publish-file.ts'

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

/** A store in which another process publishes the file when `at` is called for the nth time. */
function overtaken(at: 'rename' | 'size', nth: number, isTaken: boolean): ObjectStore {
  const store = memoryStore()
  const { rename, size } = { rename: store.rename.bind(store), size: store.size.bind(store) }
  let calls = 0
  const overtake = async (): Promise<void> => {
    if (++calls !== nth) return
    await rename(FILE.staged, FILE.visible)
    if (isTaken) await store.remove(FILE.visible)
  }
  if (at === 'rename') {
    store.rename = async (from, to) => {
      await overtake()
      await rename(from, to)
    }
  } else {
    store.size = async name => {
      await overtake()
      return size(name)
    }
  }
  return store
}

test('two may do it at once', async () => {
  for (const [at, nth] of [
    ['size', 1],
    ['size', 2],
    ['rename', 1],
  ] as const) {
    const store = overtaken(at, nth, false)
    await store.put(FILE.staged, Buffer.from('rows'))
    await publishFile(store, FILE)
    expect(await store.list('')).toEqual(['a'])
    const taken = overtaken(at, nth, true)
    await taken.put(FILE.staged, Buffer.from('rows'))
    await publishFile(taken, { ...FILE, isNew: false })
    expect(await taken.list('')).toEqual([])
  }
})

test('what is visible instead of a known file is looked at', async () => {
  const store = memoryStore()
  const rows = Buffer.from('rows'.repeat(300_000))
  await store.put('a', rows)
  expect(await publishFile(store, { ...FILE, digest: digestOf(rows) })).toBe(false)
  await expect(publishFile(store, { ...FILE, digest: digestOf(rows.subarray(1)) })).rejects.toThrow(
    'SINK_FAILED: a is in memory already, with other rows',
  )
})

test('says whether there was something to do', async () => {
  const store = memoryStore()
  await store.put(FILE.staged, Buffer.from('rows'))
  expect(await publishFile(store, FILE)).toBe(true)
  expect(await publishFile(store, FILE)).toBe(false)
})
