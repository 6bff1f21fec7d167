/**
 * The story of a source that is resumed by processes which are killed, by SIGKILL, at each step of
 * the checkpoint: what they wrote is compared with the rows, and counted how many were read.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Application, json, schema, t } from '@millrace/core'
import { CHECKPOINT_STEPS } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'
import type { ExpectStatic } from 'vitest'
import { newName } from './transport-session.ts'

const PROGRAM = new URL('programs/read-source.mjs', import.meta.url).pathname
const BUCKETS = 10
const POINTS = CHECKPOINT_STEPS.flatMap(step => [`before ${step}`, `after ${step}`])

export const SourceRow = schema({ n: t.int32(), bucket: t.int32(), at: t.timestamp() })
/** More than die before the end. */
export const SOURCE_ROWS = Array.from({ length: 20_000 }, (_, n) => {
  return { n, bucket: n % BUCKETS, at: 1_750_000_000_000 + n }
})
const NS = SOURCE_ROWS.map(({ n }) => n)
const TOTALS = Array.from({ length: BUCKETS }, (_, bucket) => {
  const mine = NS.filter(n => n % BUCKETS === bucket)
  return { bucket, rows: mine.length, total: mine.reduce((sum, n) => sum + n, 0) }
})

export interface SourceStory {
  readonly bootstrap: string
  readonly kind: 'csv' | 'parquet' | 'avro' | 'cassandra'
  readonly place: string
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly expect: ExpectStatic
  readonly onTestFinished: (act: () => Promise<void>) => void
}

/** Tells it, and says how many rows were read by all processes. */
export async function tellSourceStory(story: SourceStory): Promise<number> {
  const { bootstrap, kind, place, guarantee, expect, onTestFinished } = story
  const folder = await mkdtemp(join(tmpdir(), 'millrace-source-'))
  const id = newName(`source-${kind}`)
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  /** Each line that a process says. */
  const live = async (...point: string[]) => {
    const args = [PROGRAM, bootstrap, id, kind, place, guarantee, folder, ...point]
    const child = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, MILLRACE_LOG: 'error' },
    })
    children.push(child)
    let said = ''
    child.stdout.on('data', bytes => {
      said += bytes
    })
    const [code, signal] = await once(child, 'close')
    const lines = said.split('\n').filter(line => line !== '')
    const given = lines.filter(line => line.startsWith('read ')).map(line => Number(line.slice(5)))
    const read = given.reduce((sum, count) => sum + count, 0)
    return { code, signal, read, opened: lines.filter(line => line.startsWith('open ')) }
  }
  let read = 0
  for (const [nth, point] of POINTS.entries()) {
    const life = await live(point)
    expect([life.code, life.signal], point).toEqual([null, 'SIGKILL'])
    // A partition of a table may have had nothing yet.
    if (nth > 0 && kind !== 'cassandra') expect(life.opened, point).not.toContain('open null')
    read += life.read
  }
  const last = await live()
  expect([last.code, last.signal]).toEqual([0, null])
  expect(last.read).toBeLessThan(NS.length)
  read += last.read
  const again = await live()
  expect([again.code, again.signal, again.read], 'a run with nothing new').toEqual([0, null, 0])

  const reading = new Application({ id: 'read', broker: kafka({ 'bootstrap.servers': bootstrap }) })
  const Out = schema({ n: t.int32() })
  const Total = schema({ bucket: t.int32(), rows: t.int32(), total: t.int64() })
  const out = await reading.dataframe(reading.topic(`${id}-out`, { value: json(Out) })).collect()
  const ns = out.map(({ n }) => n)
  expect((guarantee === 'exactly-once' ? ns : [...new Set(ns)]).sort(ascending)).toEqual(NS)
  const given = await reading
    .dataframe(reading.topic(`${id}-totals`, { value: json(Total) }))
    .collect()
  if (guarantee === 'exactly-once') expect(given).toHaveLength(BUCKETS)
  for (const { bucket, rows, total } of given) {
    expect({ bucket, rows, total: Number(total) }).toEqual(TOTALS[bucket])
  }
  expect(new Set(given.map(({ bucket }) => bucket)).size).toBe(BUCKETS)
  expect((await rowsOfFiles(folder)).sort(ascending)).toEqual(NS)
  return read
}

const ascending = (a: number, b: number): number => a - b

/** Of every file that readers see. */
async function rowsOfFiles(folder: string): Promise<number[]> {
  const place = join(folder, 'rows')
  const names = await readdir(place)
  const texts = await Promise.all(
    names.filter(name => !name.startsWith('.')).map(name => readFile(join(place, name), 'utf8')),
  )
  return texts.flatMap(text => text.trimEnd().split('\n')).map(line => JSON.parse(line).n)
}
