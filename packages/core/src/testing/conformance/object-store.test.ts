import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../object-store/memory-store.ts'
import type { ObjectStore } from '../../object-store/object-store.ts'
import { failedQuestions } from './failed-questions.ts'
import { testObjectStore } from './object-store.ts'

function failed(fault: (store: ObjectStore) => Partial<ObjectStore>): Promise<string[]> {
  const factory = (): ObjectStore => {
    const store = memoryStore()
    const sound: ObjectStore = {
      name: 'planted',
      put: (name, bytes) => store.put(name, bytes),
      size: name => store.size(name),
      get: (name, start, end) => store.get(name, start, end),
      rename: (from, to) => store.rename(from, to),
      list: (prefix, page) => store.list(prefix, page),
      remove: name => store.remove(name),
      sweep: (prefix, before) => store.sweep(prefix, before),
    }
    return { ...sound, ...fault(store) }
  }
  return failedQuestions(expect, hooks => testObjectStore(hooks, factory))
}

const RENAMES = 'renames in one step, replacing what had the name'
const BY_PREFIX = 'lists by prefix, ascending, whatever the folders'
const BY_PAGE = 'lists page by page'

describe('the exam finds', () => {
  test('nothing in a sound store', async () => {
    expect(await failed(() => ({}))).toEqual([])
  })

  test('an object that grows in sight', async () => {
    const failures = await failed(store => ({
      put: async (name, bytes) => {
        if (bytes.length < 1_000) return store.put(name, bytes)
        await store.put(name, bytes.subarray(0, 10))
        await new Promise(resolve => setImmediate(resolve))
        return store.put(name, bytes)
      },
    }))
    expect(failures).toEqual(['replaces an object as a whole, whoever reads it meanwhile'])
  })

  test('a rename that copies, and one that invents', async () => {
    const copies = await failed(store => ({
      rename: async (from, to) => {
        const bytes = await store.get(from, 0, 1_000)
        await store.rename(from, to)
        if (bytes !== null) await store.put(from, bytes)
      },
    }))
    expect(copies).toEqual([RENAMES])
    const invents = await failed(store => ({
      rename: async (from, to) => {
        if ((await store.size(from)) === null) return store.put(to, new Uint8Array(0))
        return store.rename(from, to)
      },
    }))
    expect(invents).toContain('refuses to rename what is not there, and leaves the target alone')
  })

  test('lists out of order, or without their pages', async () => {
    const reversed = await failed(store => ({
      list: async (prefix, page) => (await store.list(prefix, page)).reverse(),
    }))
    expect(reversed).toContain(BY_PREFIX)
    const endless = await failed(store => ({
      list: (prefix, { limit, ...page } = {}) => store.list(prefix, page),
    }))
    expect(endless).toContain(BY_PAGE)
  })

  test('a sweep that takes objects', async () => {
    const failures = await failed(store => ({
      sweep: async prefix => {
        await store.sweep(prefix)
        for (const name of await store.list(prefix)) await store.remove(name)
      },
    }))
    expect(failures).toEqual(['a sweep leaves every object'])
  })
})
