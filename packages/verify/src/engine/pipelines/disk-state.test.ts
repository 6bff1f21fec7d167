import { expect, test } from 'vitest'
import { DiskState } from './disk-state.ts'

const context = {
  applicationId: 'generated',
  canRebuild: false,
  log: { info: () => {}, warn: () => {} },
}
const key = Buffer.from('key')
const written = (text: string) => [{ key, value: Buffer.from(text) }]

test('the next process has what the one before had written when it was killed', async () => {
  const disk = new DiskState()
  const first = await disk.factory().create(context)
  const space = await first.open('totals/0')
  await space.write(written('before'))
  disk.crash()
  await space.write(written('after'))

  const second = await disk.factory().create(context)
  expect(second.name).toBe('rocksdb')
  expect(second.slot).toBe(first.slot)
  const [value] = await (await second.open('totals/0')).getMany([key])
  expect(Buffer.from(value ?? []).toString()).toBe('before')
  await disk.close()
})
