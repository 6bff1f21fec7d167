/**
 * Arrow and Parquet files of processes that are killed, by SIGKILL, at each step of the checkpoint,
 * in the middle of a file and between files. One application is killed at one point after the other
 * while rows come in. After each death every visible file is whole and no row is there twice; in
 * the end each row is there once, and nothing hidden is left.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromArrow, fromParquet } from '@millrace/arrow'
import { Application, type Producer, schema, t } from '@millrace/core'
import { CHECKPOINT_STEPS } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'
import { afterAll, inject, test } from 'vitest'
import { closeAll, newName, newTopic, open, outgoing } from './transport-session.ts'

const PROGRAM = new URL('programs/write-files.mjs', import.meta.url).pathname
const PARTITIONS = 2
const ROWS_AT_ONCE = 25
const FEED_EVERY_MS = 250
const STORY = { timeout: 900_000 }
const TEXT = 'x'.repeat(500)
const Row = schema({ n: t.int32() })

const POINTS = [
  ...CHECKPOINT_STEPS.flatMap(step => [`before ${step}`, `after ${step}`]),
  'in put',
  'in rename',
  'after rename',
]

afterAll(closeAll)

/** Rows with numbers of their own, some at a time. */
class Feed {
  count = 0
  readonly #producer: Producer
  readonly #topic: string

  constructor(producer: Producer, topic: string) {
    this.#producer = producer
    this.#topic = topic
  }

  async some(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = Array.from({ length: ROWS_AT_ONCE }, () => {
        const n = this.count++
        return { value: JSON.stringify({ n, odd: n % 2 === 1, text: `${n} ${TEXT}` }) }
      })
      await this.#producer.write(outgoing(this.#topic, partition, records))
    }
    await this.#producer.flush()
  }
}

type Read = typeof fromArrow | typeof fromParquet

/** Rows that a reader of the file or folder sees, sorted. Fails for a file that is not whole. */
async function visible(read: Read, path: string): Promise<number[]> {
  const frame = new Application({ id: 'read' }).dataframe(await read(path, { schema: Row }))
  return (await frame.collect()).map(({ n }) => n).sort((a, b) => a - b)
}

/** A folder into which files come that stay as they are: each is read once. */
class Growing {
  readonly #read: Read
  readonly #folder: string
  readonly #files = new Set<string>()
  readonly #rows: number[] = []

  constructor(read: Read, folder: string) {
    this.#read = read
    this.#folder = folder
  }

  /** Rows of all files that there are; fails where one has gone. */
  async rows(): Promise<readonly number[]> {
    const there = await readdir(this.#folder, { recursive: true, withFileTypes: true })
    const found = there
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(entry => join(entry.parentPath, entry.name))
    const files = new Set(found)
    const gone = [...this.#files].filter(file => !files.has(file))
    if (gone.length > 0) throw new Error(`files were visible and are gone: ${gone.join()}`)
    for (const file of files) {
      if (this.#files.has(file)) continue
      this.#files.add(file)
      this.#rows.push(...(await visible(this.#read, file)))
    }
    return this.#rows
  }
}

// Side by side: most of the time something waits for the session of the process that was killed.
test.concurrent.for(['at-least-once', 'exactly-once'])(
  '%s: whenever it is killed, each row is in one file',
  STORY,
  async (guarantee, { expect, onTestFinished }) => {
    const transport = await open(kafka({ 'bootstrap.servers': inject('kafka') }))
    const topic = await newTopic(transport, PARTITIONS)
    const producer = await transport.createProducer()
    const folder = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
    const children: ChildProcess[] = []
    onTestFinished(async () => {
      for (const child of children) child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    const feed = new Feed(producer, topic)
    const args = [PROGRAM, inject('kafka'), newName('files'), topic, folder, guarantee]
    const start = (...point: string[]) => {
      const child = spawn(process.execPath, [...args, ...point], {
        stdio: ['pipe', 'inherit', 'inherit'],
        env: { ...process.env, MILLRACE_LOG: 'error' },
      })
      children.push(child)
      return child
    }
    const arrow = new Growing(fromArrow, join(folder, 'arrow'))
    const parquet = new Growing(fromParquet, join(folder, 'parquet'))
    for (const point of POINTS) {
      const child = start(point)
      const ended = once(child, 'exit')
      while (child.exitCode === null && child.signalCode === null) {
        await feed.some()
        await Promise.race([ended, sleep(FEED_EVERY_MS)])
      }
      expect(await ended, point).toEqual([null, 'SIGKILL'])
      for (const growing of [arrow, parquet]) {
        const rows = await growing.rows()
        expect(new Set(rows).size, `${point}: rows in files`).toBe(rows.length)
      }
    }
    await producer.close()
    expect(await once(start(), 'exit')).toEqual([0, null])
    const all = Array.from({ length: feed.count }, (_, n) => n)
    expect(await visible(fromArrow, join(folder, 'arrow'))).toEqual(all)
    expect(await visible(fromParquet, join(folder, 'parquet'))).toEqual(all)
    const files = await readdir(folder, { recursive: true })
    expect(files.filter(file => /(^|\/)\./.test(file))).toEqual([])
  },
)
