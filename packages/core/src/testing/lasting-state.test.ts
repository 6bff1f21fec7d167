import { expect, test } from 'vitest'
import { LastingState } from './lasting-state.ts'

const KEY = Uint8Array.of(1)
const CONTEXT = {
  applicationId: 'app',
  log: { info() {}, warn() {} },
  canRebuild: true,
}

test('a slot has what its last holder wrote, and that holder is out', async () => {
  const disk = new LastingState()
  const before = await disk.at('a').create(CONTEXT)
  const lost = await before.open('totals/0')
  await lost.write([{ key: KEY, value: Uint8Array.of(7) }])
  const after = await disk.at('a').create(CONTEXT)
  expect([after.slot, after.isDurable]).toEqual(['a', true])
  const space = await after.open('totals/0')
  expect(await space.getMany([KEY])).toEqual([Uint8Array.of(7)])
  await expect(lost.write([])).rejects.toThrow('STATE_CLOSED')
  await expect(before.open('totals/1')).rejects.toThrow('STATE_CLOSED')
})

test('slots are apart, and one that was closed can be taken again', async () => {
  const disk = new LastingState()
  const a = await disk.at('a').create(CONTEXT)
  await (await a.open('totals/0')).write([{ key: KEY, value: Uint8Array.of(7) }])
  await a.close()
  const b = await disk.at('b').create(CONTEXT)
  expect(await (await b.open('totals/0')).getMany([KEY])).toEqual([null])
  const again = await disk.at('a').create(CONTEXT)
  expect(await (await again.open('totals/0')).getMany([KEY])).toEqual([Uint8Array.of(7)])
})
