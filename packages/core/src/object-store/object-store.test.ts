import { expect, test } from 'vitest'
import { memoryStore } from './memory-store.ts'
import { allNames, checkObjectName } from './object-store.ts'

test('a bad name is told with what is wrong in it', () => {
  expect(() => checkObjectName('a/../b')).toThrow(
    'INVALID_ARGUMENT: "a/../b" is no name of an object: it has a part ... A name is parts',
  )
  expect(() => checkObjectName('/etc/passwd')).toThrow('an empty part (or is absolute)')
  expect(() => checkObjectName(5 as never)).toThrow('5 is no name of an object: text is needed')
})

test('all names are given, beyond a page', async () => {
  const store = memoryStore()
  const names = Array.from({ length: 2_500 }, (_, i) => `n/${String(i).padStart(5, '0')}`)
  for (const name of names) await store.put(name, new Uint8Array(0))
  await store.put('other', new Uint8Array(0))
  const given: string[] = []
  for await (const name of allNames(store, 'n/')) given.push(name)
  expect(given).toEqual(names)
})
