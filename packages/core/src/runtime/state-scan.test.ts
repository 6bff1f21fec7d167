import { expect, test } from 'vitest'
import { LOCAL_POSITION_KEY, MARKER_KEY } from '../record/format/state-key.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import { scanStores } from './state-scan.ts'

test('gives every entry of the stores once, ascending, and neither marker nor position', async () => {
  const space = await memoryBackend().open('task')
  const value = Buffer.of(7)
  const count = 25_000
  const keys = Array.from({ length: count }, (_, i) => {
    const key = Buffer.alloc(4)
    key.writeUInt32BE(0x01_00_00_00 + i)
    return key
  })
  await space.write([MARKER_KEY, LOCAL_POSITION_KEY, ...keys].map(key => ({ key, value })))
  const seen: number[] = []
  for await (const page of scanStores(space)) {
    for (const { key } of page) seen.push(Buffer.from(key).readUInt32BE())
  }
  expect(seen).toEqual(keys.map(key => key.readUInt32BE()))
})

test('gives nothing of an empty space', async () => {
  const space = await memoryBackend().open('task')
  for await (const page of scanStores(space)) expect(page).toBe('never')
  expect.assertions(0)
})
