/**
 * Files that are read under `resume` by processes which are killed, by SIGKILL, at each step of the
 * checkpoint: in the end outputs, state and files are those of one reading.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquet } from '@millrace/arrow'
import { avroFile, toAvroSchema } from '@millrace/avro'
import { Application, filesSink, fromArray, localFolder } from '@millrace/core'
import { afterAll, beforeAll, inject, test } from 'vitest'
import { SOURCE_ROWS, SourceRow, tellSourceStory } from './source-story.ts'

const STORY = { timeout: 900_000 }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sources-'))
  const lines = SOURCE_ROWS.map(({ n, bucket, at }) => `${n},${bucket},${at}`)
  await writeFile(join(folder, 'rows.csv'), ['n,bucket,at', ...lines, ''].join('\n'))
  const app = new Application({ id: 'write' })
  const rows = app.dataframe(fromArray(SOURCE_ROWS, { schema: SourceRow }))
  const options = { fileRowsMax: 3_000 }
  const schema = toAvroSchema(SourceRow, 'Row')
  rows.sink(filesSink(localFolder(join(folder, 'parquet')), { ...options, format: parquet() }))
  rows.sink(
    filesSink(localFolder(join(folder, 'avro')), { ...options, format: avroFile({ schema }) }),
  )
  await app.run()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// Side by side: most of the time something waits for the session of the process that was killed.
test.concurrent.for([
  ['csv', 'rows.csv', 'exactly-once'],
  ['csv', 'rows.csv', 'at-least-once'],
  ['parquet', 'parquet', 'exactly-once'],
  ['avro', 'avro', 'at-least-once'],
] as const)('%s %s, %s', STORY, async ([kind, place, guarantee], { expect, onTestFinished }) => {
  const read = await tellSourceStory({
    bootstrap: inject('kafka'),
    kind,
    place: join(folder, place),
    guarantee,
    expect,
    onTestFinished,
  })
  // What is read again is what a process had not committed when it died.
  expect(read).toBeLessThan(2 * SOURCE_ROWS.length)
  console.log(`${kind}, ${guarantee}: ${read} rows read of ${SOURCE_ROWS.length}`)
})
