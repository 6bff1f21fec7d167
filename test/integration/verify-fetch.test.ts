/** The comparison of both ways of reading as a user calls it, in a short form. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { call, withAdmin } from './native-client.ts'

const PROGRAM = new URL('../../packages/verify/dist/main.js', import.meta.url).pathname

test('topics with everything odd in them are read the same, and deleted after it', async () => {
  const args = ['fetch', '--broker', inject('kafka'), '--records', '100', '--seed', '3']
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args])
  expect(stdout).toContain('broker-killed: left out: it needs a Kafka of its own')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^topics=8 records=\d{4} different=0$/)
  const topicsOfRun = async () => {
    const topics = await withAdmin(inject('kafka'), admin =>
      call<string[]>(admin, 'listTopics', { timeout: 5_000 }),
    )
    return topics.filter(name => name.startsWith('verify-3-'))
  }
  // A broker may still name a topic for a moment after its deletion was confirmed.
  await expect.poll(topicsOfRun, { timeout: 20_000 }).toEqual([])
})
