import { existsSync } from 'node:fs'
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { testObjectStore } from '../testing/conformance/object-store.ts'
import { localFolder } from './local-folder.ts'

let folder: string
let next = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-folder-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

testObjectStore({ describe, test, expect }, () => localFolder(join(folder, String(next++))))

/** Lets calls of a method of every open file fail, after what it would have done. */
async function failing(method: 'write' | 'sync', code: string): Promise<void> {
  const file = await open(folder)
  await file.close()
  const prototype = Object.getPrototypeOf(file)
  const original = prototype[method]
  vi.spyOn(prototype, method).mockImplementation(async function (this: unknown) {
    if (method === 'write') await original.call(this, Buffer.from('half'))
    throw Object.assign(new Error(`${code}: ${method}`), { code })
  })
}

test('objects are plain files below the folder', async () => {
  const store = localFolder(pathToFileURL(join(folder, 'out')))
  expect(store.name).toBe(join(folder, 'out'))
  expect(existsSync(store.name)).toBe(false)
  await store.put('day=1/a.csv', Buffer.from('a,b\n'))
  expect(await readFile(join(folder, 'out/day=1/a.csv'), 'utf8')).toBe('a,b\n')
  expect(await readdir(join(folder, 'out/day=1'))).toEqual(['a.csv'])
})

test('what others have put into the folder is neither listed nor touched', async () => {
  const store = localFolder(folder)
  await store.put('a', Buffer.from('a'))
  await writeFile(join(folder, 'my file.txt'), 'x')
  await writeFile(join(folder, '.notes~'), 'x')
  await mkdir(join(folder, 'a folder'))
  await writeFile(join(folder, 'a folder/b'), 'x')
  await symlink('/etc', join(folder, 'etc'))
  expect(await store.list('')).toEqual(['a'])
  await store.sweep('')
  expect((await readdir(folder)).sort()).toEqual(['.notes~', 'a', 'a folder', 'etc', 'my file.txt'])
})

describe('a full disk', () => {
  test.each(['write', 'sync'] as const)('in %s leaves the old object and no rest', async at => {
    const store = localFolder(folder)
    await store.put('a', Buffer.from('old'))
    await failing(at, 'ENOSPC')
    await expect(store.put('a', Buffer.from('new'))).rejects.toThrow(
      `OBJECT_STORE_FAILED: cannot write a in ${folder}: ENOSPC: ${at}. The disk is full. Make room`,
    )
    vi.restoreAllMocks()
    expect(await readdir(folder)).toEqual(['a'])
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('old')
  })
})

test('a file or a folder in the way is said', async () => {
  const store = localFolder(folder)
  await store.put('a', Buffer.from('a'))
  await expect(store.put('a/b', Buffer.from('b'))).rejects.toThrow('A file is where a folder')
  await expect(store.rename('a', 'a/b')).rejects.toThrow('A file is where a folder')
  await store.put('b/c', Buffer.from('c'))
  await expect(store.put('b', Buffer.from('b'))).rejects.toThrow('A folder has this name')
  expect(await store.list('')).toEqual(['a', 'b/c'])
  expect((await readdir(folder)).sort()).toEqual(['a', 'b'])
})

test('a folder that may not be written is said', async () => {
  // As root every folder may be written, but not those of the system.
  const readOnly = process.getuid?.() === 0 ? '/sys' : folder
  if (readOnly === folder) await chmod(folder, 0o500)
  const writing = localFolder(readOnly).put('millrace/a', Buffer.from('a'))
  await expect(writing).rejects.toThrow(/^OBJECT_STORE_FAILED: cannot write millrace\/a in .*: E/)
  await chmod(folder, 0o700)
})

test('what a crash left unfinished is never seen, and swept by the name it was for', async () => {
  const store = localFolder(folder)
  await store.put('out/mine-1.csv', Buffer.from('whole'))
  const left = [
    'out/.mine-2.csv.0123456789ab~',
    'out/..mine-3.csv.staged.0123456789ab~',
    'out/.yours-1.csv.0123456789ab~',
  ]
  for (const path of left) await writeFile(join(folder, path), 'half')
  expect(await store.list('')).toEqual(['out/mine-1.csv'])
  expect(await store.get('out/mine-2.csv', 0, 1)).toBe(null)

  await store.sweep('out/mine-')
  expect((await readdir(join(folder, 'out'))).sort()).toEqual([
    '..mine-3.csv.staged.0123456789ab~',
    '.yours-1.csv.0123456789ab~',
    'mine-1.csv',
  ])
  await store.sweep('out/.mine-', 'out/.mine-3.csv.staged')
  expect(await readdir(join(folder, 'out'))).toContain('..mine-3.csv.staged.0123456789ab~')
  await store.sweep('out/.mine-', 'out/.mine-4')
  await store.sweep('out/yours-')
  expect(await readdir(join(folder, 'out'))).toEqual(['mine-1.csv'])
})
