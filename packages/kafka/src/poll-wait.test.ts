import { expect, test } from 'vitest'
import { PollWait } from './poll-wait.ts'

test('what has come ends every wait', async () => {
  const waits = new PollWait()
  const both = Promise.all([waits.wait(60_000), waits.wait(60_000)])
  waits.notify()
  await expect(both).resolves.toHaveLength(2)
})

test('who may not wait gives others one turn', async () => {
  const turns: string[] = []
  setImmediate(() => turns.push('other'))
  await new PollWait().wait(0)
  expect(turns).toEqual(['other'])
})
