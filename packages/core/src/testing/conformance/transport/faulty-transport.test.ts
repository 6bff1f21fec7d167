import { expect, test } from 'vitest'
import { examFailures } from './faulty-transport.ts'

test('a transport without a fault fails nothing, also behind a wrapper', async () => {
  expect(await examFailures(expect, () => ({}))).toEqual([])
})

test('a method that a fault names takes the place of the sound one', async () => {
  const failed = await examFailures(expect, ({ admin }) => ({
    admin: { ...admin, offsets: () => Promise.reject(new Error('no offsets')) },
  }))
  expect(failed).toContain('tells the first offset and the one after the last')
  expect(failed).not.toContain('describes topics, and never creates one by asking')
})
