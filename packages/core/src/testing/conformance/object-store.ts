/**
 * The exam of object stores.
 *
 * An object is whole or not there; names come ascending, page by page, and mean nothing but
 * themselves; reading by range gives what a slice would.
 */
import { MillraceError } from '../../errors.ts'
import type { ObjectStore } from '../../object-store/object-store.ts'
import type { TestHooks } from './test-hooks.ts'

type Factory = () => ObjectStore | Promise<ObjectStore>

/** Registers the questions with a test runner; the factory gives an empty store each time. */
export function testObjectStore(hooks: TestHooks, factory: Factory): void {
  hooks.describe('object store', () => {
    testObjects(hooks, factory)
    testRenames(hooks, factory)
    testLists(hooks, factory)
    testNames(hooks, factory)
  })
}

function testObjects({ test, expect }: TestHooks, factory: Factory): void {
  test('gives what was put, whole and by range, and null for what is not there', async () => {
    const store = await factory()
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 251)
    await store.put('a/b.bin', bytes)
    expect(await store.size('a/b.bin')).toBe(300)
    for (const [start, end] of [
      [0, 300],
      [0, 0],
      [10, 20],
      [290, 999],
      [300, 301],
      [500, 600],
    ]) {
      const part = await store.get('a/b.bin', start as number, end as number)
      expect([...(part ?? [999])]).toEqual([...bytes.slice(start, end)])
    }
    for (const missing of ['a/b', 'a', 'a/b.bin.x', 'b.bin', 'a/b.bin/c']) {
      expect([missing, await store.get(missing, 0, 1)]).toEqual([missing, null])
      expect([missing, await store.size(missing)]).toEqual([missing, null])
    }
    expect(await codeOf(() => store.get('a/b.bin', 5, 4))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(() => store.get('a/b.bin', -1, 4))).toBe('INVALID_ARGUMENT')
  })

  test('keeps an empty object, and a copy of the bytes', async () => {
    const store = await factory()
    await store.put('empty', new Uint8Array(0))
    expect([await store.size('empty'), await text(store, 'empty')]).toEqual([0, ''])
    const bytes = Buffer.from('before')
    await store.put('copy', bytes)
    bytes.write('behind')
    expect(await text(store, 'copy')).toBe('before')
  })

  test('replaces an object as a whole, whoever reads it meanwhile', async () => {
    const store = await factory()
    const versions = [Buffer.alloc(200_000, 'a'), Buffer.alloc(100_000, 'b')]
    await store.put('object', versions[0] as Uint8Array)
    let isWriting = true
    const writing = (async () => {
      for (let i = 1; i <= 10; i++) await store.put('object', versions[i % 2] as Uint8Array)
      isWriting = false
    })()
    const seen = new Set<string>()
    while (isWriting) {
      await new Promise(resolve => setImmediate(resolve))
      const bytes = Buffer.from((await store.get('object', 0, 1_000_000)) ?? [])
      seen.add(`${bytes.length} ${[...new Set(bytes.toString())].join('')}`)
    }
    await writing
    expect([...seen].filter(one => one !== '200000 a' && one !== '100000 b')).toEqual([])
    expect(await store.list('')).toEqual(['object'])
  })

  test('removes an object, and what is not there without an error', async () => {
    const store = await factory()
    await put(store, 'a/x', 'a/y')
    await store.remove('a/x')
    await store.remove('a/x')
    await store.remove('a')
    await store.remove('nowhere/z')
    expect(await store.list('')).toEqual(['a/y'])
  })
}

function testRenames({ test, expect }: TestHooks, factory: Factory): void {
  test('renames in one step, replacing what had the name', async () => {
    const store = await factory()
    await put(store, '.staged/one', 'two')
    await store.rename('.staged/one', 'new/place/one')
    expect(await store.list('')).toEqual(['new/place/one', 'two'])
    expect(await text(store, 'new/place/one')).toBe('.staged/one')
    await store.rename('new/place/one', 'two')
    expect(await store.list('')).toEqual(['two'])
    expect(await text(store, 'two')).toBe('.staged/one')
    await store.rename('two', 'two')
    expect(await text(store, 'two')).toBe('.staged/one')
  })

  test('refuses to rename what is not there, and leaves the target alone', async () => {
    const store = await factory()
    await put(store, 'kept', 'folder/x')
    expect(await codeOf(() => store.rename('gone', 'kept'))).toBe('OBJECT_MISSING')
    expect(await codeOf(() => store.rename('folder', 'other'))).toBe('OBJECT_MISSING')
    expect(await store.list('')).toEqual(['folder/x', 'kept'])
    expect(await text(store, 'kept')).toBe('kept')
  })
}

function testLists({ test, expect }: TestHooks, factory: Factory): void {
  const NAMES = ['a', 'a-b', 'a.b/c', 'a/b', 'aa/.hidden', 'aa/b/c/d', 'b', '.hidden', 'B']
  const ASCENDING = [...NAMES.filter(name => name !== 'a')].sort()

  test('lists by prefix, ascending, whatever the folders', async () => {
    const store = await factory()
    expect(await store.list('')).toEqual([])
    await put(store, ...ASCENDING)
    for (const prefix of ['', 'a', 'a/', 'aa/b', 'aa/b/c/d', 'b', '.', 'none', 'none/x']) {
      const expected = ASCENDING.filter(name => name.startsWith(prefix))
      expect([prefix, await store.list(prefix)]).toEqual([prefix, expected])
    }
  })

  test('lists page by page', async () => {
    const store = await factory()
    await put(store, ...ASCENDING)
    for (const limit of [1, 2, 3]) {
      const names: string[] = []
      for (let page = await store.list('', { limit }); page.length > 0; ) {
        expect(page.length <= limit).toBe(true)
        names.push(...page)
        page = await store.list('', { limit, after: page.at(-1) as string })
      }
      expect(names).toEqual(ASCENDING)
    }
    expect(await store.list('a', { after: 'a.' })).toEqual(
      ASCENDING.filter(name => name.startsWith('a') && name > 'a.'),
    )
    expect(await codeOf(() => store.list('', { limit: 0 }))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(() => store.list('', { limit: 1_001 }))).toBe('INVALID_ARGUMENT')
  })

  test('a sweep leaves every object', async () => {
    const store = await factory()
    await put(store, ...ASCENDING)
    await store.sweep('')
    await store.sweep('a')
    await store.sweep('', 'b')
    expect(await store.list('')).toEqual(ASCENDING)
  })
}

function testNames({ test, expect }: TestHooks, factory: Factory): void {
  const BAD = ['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a\\b', 'C:/a']
  const ODD = ['a b', 'ü', 'a\0b', 'a\n', 'a~', 'a'.repeat(201), `${'a/'.repeat(450)}a`]

  test('refuses names that would leave the store or mean something else elsewhere', async () => {
    const store = await factory()
    await put(store, 'good')
    for (const name of [...BAD, ...ODD]) {
      const codes = [
        await codeOf(() => store.put(name, Buffer.from('x'))),
        await codeOf(() => store.get(name, 0, 1)),
        await codeOf(() => store.size(name)),
        await codeOf(() => store.rename('good', name)),
        await codeOf(() => store.rename(name, 'good')),
        await codeOf(() => store.remove(name)),
      ]
      expect([name, ...new Set(codes)]).toEqual([name, 'INVALID_ARGUMENT'])
    }
    for (const prefix of ['/', '../', 'a//', 'a b', './']) {
      const codes = [
        await codeOf(() => store.list(prefix)),
        await codeOf(() => store.sweep(prefix)),
      ]
      expect([prefix, ...codes]).toEqual([prefix, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'])
    }
    expect(await store.list('')).toEqual(['good'])
  })

  test('takes every character that a name may have', async () => {
    const store = await factory()
    const names = ['AZaz09_.=+,@-', 'day=2026-01-01/part-0.csv', `${'a'.repeat(200)}/b`, '...']
    await put(store, ...names)
    for (const name of names) expect(await text(store, name)).toBe(name)
  })
}

/** Objects whose bytes are their names. */
async function put(store: ObjectStore, ...names: readonly string[]): Promise<void> {
  for (const name of names) await store.put(name, Buffer.from(name))
}

async function text(store: ObjectStore, name: string): Promise<string | null> {
  const bytes = await store.get(name, 0, 10_000)
  return bytes === null ? null : Buffer.from(bytes).toString()
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
    return 'done'
  } catch (error) {
    return MillraceError.is(error) ? error.code : String(error)
  }
}
