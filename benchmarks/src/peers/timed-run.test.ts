import { expect, test } from 'vitest'
import { timedRun } from './timed-run.ts'

const node = (text: string) => ({ program: process.execPath, args: ['-e', text] })
const SAID = `
  console.log('a line of a log')
  console.log('{"mark":"warm"}')
  const end = Date.now() + 300
  while (Date.now() < end);
  console.log('{"mark":"done"}')
  // The marks are read while this process still lives.
  setTimeout(() => console.log('{"records":500,"seconds":0.3,"cpuSeconds":9}'), 200)`

test.skipIf(process.platform !== 'linux')('CPU is what was seen from outside', async () => {
  const { records, seconds, cpuSeconds } = await timedRun(node(SAID), 8_000)
  expect({ records, seconds }).toEqual({ records: 500, seconds: 0.3 })
  expect(cpuSeconds).toBeLessThan(3)
})

test('a program that fails says why', async () => {
  const failing = node('console.error("no broker"); process.exit(3)')
  await expect(timedRun(failing, 8_000)).rejects.toThrow(/exit code 3:\nno broker/)
})

test('a program that hangs is ended', async () => {
  const hanging = node('setInterval(() => {}, 1000)')
  await expect(timedRun(hanging, 500)).rejects.toThrow('it was ended after 500 ms')
})
