import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ServedRun } from './served-run.ts'

const node = (text: string) => ({ program: process.execPath, args: ['-e', text] })
const SERVING = `
  process.stdin.on('end', () => process.exit(0)).resume()
  console.log('a line of a log')
  console.log('{ not json')
  console.log('{"happening":{"what":"gc"}}')`

test('it goes on until it is told to end, and what it says is heard', async () => {
  const events = new EventTarget()
  const heard = once(events, 'said')
  const said: object[] = []
  const run = new ServedRun(node(SERVING), each => {
    said.push(each)
    events.dispatchEvent(new Event('said'))
  })
  await heard
  expect(said).toEqual([{ happening: { what: 'gc' } }])
  expect(run.failure).toBeNull()
  await run.end()
  expect(run.failure).toMatch(/^it ended with 0/)
})

test('one that fails says why', async () => {
  const run = new ServedRun(node('console.error("no broker"); process.exit(3)'))
  await expect.poll(() => run.failure).toMatch(/^it ended with 3:\nno broker/)
  await run.end()
})
