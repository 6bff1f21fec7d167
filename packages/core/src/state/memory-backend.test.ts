import { expect, test } from 'vitest'
import { memoryBackend, memoryState } from './memory-backend.ts'

test('says what it is', () => {
  const { name, isDurable } = memoryBackend()
  expect([name, isDurable]).toEqual(['memory', false])
})

test('two backends share nothing', async () => {
  const [one, other] = [memoryBackend(), memoryBackend()]
  const space = await one.open('a')
  await space.write([{ key: Uint8Array.of(1), value: Uint8Array.of(2) }])
  expect(await (await other.open('a')).getMany([Uint8Array.of(1)])).toEqual([null])
})

test('a closed space is named', async () => {
  const space = await memoryBackend().open('totals/3')
  await space.close()
  await expect(space.clear()).rejects.toThrow('STATE_CLOSED: space totals/3 was closed')
})

test('every backend has a slot of its own, and gives back what it held', async () => {
  const context = { applicationId: 'shop', log: { info() {}, warn() {} }, canRebuild: true }
  const [one, other] = [await memoryState().create(context), await memoryState().create(context)]
  expect(one.slot).toMatch(/^memory-[0-9a-f]{12}$/)
  expect(other.slot).not.toBe(one.slot)
  await (await one.open('a')).write([{ key: Uint8Array.of(1), value: Uint8Array.of(2, 3) }])
  expect((await one.stats()).bytesInMemory).toBe(3)
  await one.close()
  expect((await one.stats()).bytesInMemory).toBe(0)
})
