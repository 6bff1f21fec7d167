/**
 * A table that is read under `resume` by processes which are killed, by SIGKILL, at each step of
 * the checkpoint: in the end outputs, state and files are those of one reading.
 */
import { afterAll, beforeAll, inject, test } from 'vitest'
import { startKafka } from '../../../scripts/services/kafka.mjs'
import { SOURCE_ROWS, tellSourceStory } from '../source-story.ts'
import { testSession } from './session.ts'

const WRITES_AT_ONCE = 200
const STORY = { timeout: 900_000 }

let broker: Awaited<ReturnType<typeof startKafka>>
let table: string

/** Partitions of one row or several. */
testSession(async ({ client, ks }) => {
  table = `${ks}.rows`
  await client.execute(
    `CREATE TABLE ${table} (bucket int, part int, n int, at timestamp, PRIMARY KEY (part, n))`,
  )
  const query = `INSERT INTO ${table} (part, n, bucket, at) VALUES (?, ?, ?, ?)`
  for (let from = 0; from < SOURCE_ROWS.length; from += WRITES_AT_ONCE) {
    const writing = SOURCE_ROWS.slice(from, from + WRITES_AT_ONCE).map(({ n, bucket, at }) => {
      return client.execute(query, [n >> (n % 4), n, bucket, new Date(at)], { prepare: true })
    })
    await Promise.all(writing)
  }
})

beforeAll(async () => {
  broker = await startKafka()
}, 200_000)
afterAll(() => broker?.stop())

// Side by side: most of the time something waits for the session of the process that was killed.
test.concurrent.for(['exactly-once', 'at-least-once'] as const)(
  'pieces of a ring, %s',
  STORY,
  async (guarantee, { expect, onTestFinished }) => {
    const read = await tellSourceStory({
      bootstrap: broker.bootstrap,
      kind: 'cassandra',
      place: `${inject('cassandra').protocolOptions.port}/${table}`,
      guarantee,
      expect,
      onTestFinished,
    })
    // What is read again is what a process had not committed when it died.
    expect(read).toBeLessThan(2 * SOURCE_ROWS.length)
    console.log(`cassandra, ${guarantee}: ${read} rows read of ${SOURCE_ROWS.length}`)
  },
)
