/**
 * Buckets on a server that speaks the protocol: the exams of object stores and of sinks, Parquet
 * into a bucket and back, and a process that dies between the two halves of a rename.
 *
 * Skipped by name where there is no Python for the server; a failure under CI.
 */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { fromParquet, parquet } from '@millrace/arrow'
import { Application, filesSink, json, type ObjectStore, schema, t } from '@millrace/core'
import { TestDriver, testObjectStore, testSink } from '@millrace/core/testing'
import { s3Bucket } from '@millrace/s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { S3_SERVER, startS3 } from '../../scripts/services/s3.mjs'
import { pythonOrNull } from './python-or-null.ts'

const python = await pythonOrNull(S3_SERVER)
const Row = schema({ n: t.int32(), day: t.timestamp() })
const DAY_MS = 86_400_000
const STANDS_STILL = new Promise<never>(() => {})
const rowsAt = (...ns: number[]) =>
  ns.map(n => ({ value: { n, day: Math.floor(n / 4) * DAY_MS }, timestamp: n * 1_000 }))

describe.skipIf(python === null)('a bucket', () => {
  let server: Awaited<ReturnType<typeof startS3>>
  let client: S3Client
  let buckets = 0

  beforeAll(async () => {
    server = await startS3()
    client = newClient()
  })
  afterAll(async () => {
    client?.destroy()
    await server?.stop()
  })

  function newClient(maxAttempts = 3): S3Client {
    return new S3Client({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
      maxAttempts,
    })
  }

  async function emptyBucket(): Promise<ObjectStore> {
    const Bucket = `bucket-${++buckets}`
    await client.send(new CreateBucketCommand({ Bucket }))
    return s3Bucket(client, Bucket)
  }

  testObjectStore({ describe, test, expect }, emptyBucket)

  testSink({ describe, test, expect }, async () => {
    const store = await emptyBucket()
    const visible = async (): Promise<string[]> => {
      const ids: string[] = []
      for (const name of await store.list('task-')) {
        const text = Buffer.from((await store.get(name, 0, 1e6)) ?? []).toString()
        for (const line of text.trim().split('\n')) ids.push(JSON.parse(line).id)
      }
      return ids
    }
    return { definition: filesSink(store), visible }
  })

  function opened(driver: TestDriver, into: ObjectStore) {
    const app = new Application({ id: 'app', ...driver.options, guarantee: 'exactly-once' })
    const from = app.topic('from', { value: json(Row) })
    const options = { format: parquet(), prefix: 'out/', partitionBy: ['day'] }
    app.dataframe(from).sink(filesSink(into, options))
    return { app, from }
  }

  async function numbersIn(store: ObjectStore): Promise<number[]> {
    const frame = new Application({ id: 'read' }).dataframe(await fromParquet({ store }))
    return (await frame.collect()).map(row => (row as { n: number }).n).sort((a, b) => a - b)
  }

  test('a service that is busy for a moment costs time, no rows', async () => {
    const store = await emptyBucket()
    const busy = newClient(1)
    let refusals = 0
    busy.middlewareStack.add(
      (next, { commandName }) =>
        async args => {
          if (commandName !== 'PutObjectCommand' || refusals >= 2) return next(args)
          refusals++
          const details = { name: 'SlowDown', $metadata: { httpStatusCode: 503 } }
          throw Object.assign(new Error('Reduce your rate'), details)
        },
      { step: 'initialize' },
    )
    const driver = new TestDriver()
    const { app, from } = opened(driver, s3Bucket(busy, store.name.slice('s3://'.length)))
    await driver.start(app)
    await driver.feed(from, rowsAt(1, 2, 3))
    await driver.advance('30s')
    await driver.feed(from, rowsAt(4, 5))
    await driver.stop()
    expect(refusals).toBe(2)
    expect(await numbersIn(store)).toEqual([1, 2, 3, 4, 5])
  })

  test('who dies in the middle of a rename leaves each row once', async () => {
    const store = await emptyBucket()
    const isBoth: boolean[] = []
    const driver = new TestDriver()
    const first: ReturnType<typeof opened> = opened(driver, {
      name: store.name,
      put: (name, bytes) => store.put(name, bytes),
      size: name => store.size(name),
      get: (name, start, end) => store.get(name, start, end),
      list: (prefix, page) => store.list(prefix, page),
      remove: name => store.remove(name),
      sweep: (prefix, before) => store.sweep(prefix, before),
      // The copy is there, the removal is not.
      async rename(from, to) {
        const bytes = (await store.get(from, 0, 1e6)) as Uint8Array
        await store.rename(from, to)
        await store.put(from, bytes)
        isBoth.push((await store.size(from)) !== null && (await store.size(to)) !== null)
        driver.crash(first.app)
        return STANDS_STILL
      },
    })
    await driver.start(first.app)
    await driver.feed(first.from, rowsAt(1, 2, 3, 4, 5))
    await driver.advance('1s')
    expect(driver.clientOf(first.app)).toBe(null)
    const second = opened(driver, store)
    await driver.start(second.app)
    await driver.advance('15s')
    await driver.feed(second.from, rowsAt(6, 7, 8))
    await driver.stop()
    expect(isBoth).toEqual([true])
    const names = await store.list('')
    expect(names.filter(name => /(^|\/)\./.test(name))).toEqual([])
    expect(names.map(name => name.split('/')[1])).toContain('day=1970-01-02')
    expect(await numbersIn(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})
