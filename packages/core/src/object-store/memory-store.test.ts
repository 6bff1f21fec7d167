import { describe, expect, test } from 'vitest'
import { testObjectStore } from '../testing/conformance/object-store.ts'
import { memoryStore } from './memory-store.ts'

testObjectStore({ describe, test, expect }, memoryStore)

test('what it gives is a copy', async () => {
  const store = memoryStore()
  await store.put('a', Buffer.from('one'))
  const bytes = await store.get('a', 0, 3)
  bytes?.fill(0)
  expect(String(await store.get('a', 0, 3))).toBe('111,110,101')
})
