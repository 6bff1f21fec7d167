/**
 * Records and files of Avro, as Confluent's Python client and fastavro read and write them.
 *
 * Skipped by name where there is no Python with them; a failure under CI.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  avro,
  avroFile,
  type EmbeddedRegistry,
  embeddedRegistry,
  fromAvroFile,
} from '@millrace/avro'
import {
  Application,
  bytes,
  filesSink,
  fromArray,
  InMemoryBroker,
  inMemory,
  localFolder,
  schema,
  t,
} from '@millrace/core'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { AVRO_READERS } from '../../scripts/services/python.mjs'
import { pythonOrNull } from './python-or-null.ts'

const PROGRAM = new URL('python/avro_interop.py', import.meta.url).pathname
const TOPIC = 'readings'
const Reading = {
  type: 'record',
  name: 'Reading',
  namespace: 'com.plant',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'long' },
    { name: 'x', type: 'double' },
    { name: 'ok', type: 'boolean' },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['ON', 'OFF'] } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
  ],
}
const Row = schema({
  id: t.string(),
  n: t.int64(),
  x: t.float64(),
  ok: t.boolean(),
  note: t.string().nullable(),
  state: t.string(),
  tags: t.json(),
})
const ROWS = Array.from({ length: 200 }, (_, nth) => ({
  id: `måler ${nth}`,
  // Beyond what a double holds exactly.
  n: 2n ** 53n + BigInt(nth) * (nth % 2 === 0 ? 1n : -(2n ** 54n)) + 1n,
  x: nth / 7,
  ok: nth % 2 === 0,
  note: nth % 3 === 0 ? null : `note ${nth}`,
  state: nth % 5 === 0 ? 'OFF' : 'ON',
  tags: Array.from({ length: nth % 4 }, (_, at) => `t${at}`),
}))
const TEXTS = ROWS.map(row => ({ ...row, n: String(row.n) }))

const python = await pythonOrNull(AVRO_READERS)

interface Raw {
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

async function run<T>(args: readonly string[], input: unknown = null): Promise<T> {
  const child = spawn(python as string, [PROGRAM, ...args], { timeout: 60_000 })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', part => out.push(part))
  child.stderr.on('data', part => err.push(part))
  child.stdin.end(JSON.stringify(input))
  const code = await new Promise(resolve => child.on('close', resolve))
  if (code !== 0) throw new Error(`Python ended with ${code}: ${Buffer.concat(err).toString()}`)
  return JSON.parse(Buffer.concat(out).toString())
}

let broker: InMemoryBroker
let embedded: EmbeddedRegistry
let folder: string
let nth = 0
const appOf = () => new Application({ id: `python-${nth++}`, broker: inMemory(broker) })
const create = { partitions: 1 }

beforeEach(async () => {
  broker = new InMemoryBroker()
  embedded = embeddedRegistry()
  await embedded.start()
  folder = await mkdtemp(join(tmpdir(), 'millrace-avro-python-'))
})
afterEach(async () => {
  await embedded.close()
  await rm(folder, { recursive: true })
})

async function write(registry: string, topic: string, framing: 'id' | 'guid'): Promise<Raw[]> {
  const app = appOf()
  const value = avro({ registry, schema: Reading, autoRegister: true, framing })
  app.dataframe(fromArray(ROWS, { schema: Row })).toTopic(app.topic(topic, { value, create }))
  await app.run({ until: 'end' })
  const records: Raw[] = []
  const reader = appOf()
  const frame = reader.dataframe(reader.topic(topic, { value: bytes(), create }))
  const seen = frame.withHeaders((row, headers) => {
    const named = headers.map(each => [each.name, Buffer.from(each.value ?? []).toString('hex')])
    records.push({
      value: Buffer.from(row.value).toString('hex'),
      headers: Object.fromEntries(named),
    })
    return headers
  })
  await seen.collect()
  return records
}

async function read(registry: string, topic: string, records: readonly Raw[]): Promise<unknown[]> {
  const writer = appOf()
  const rows = records.map(each => ({ value: Buffer.from(each.value, 'hex') }))
  let at = 0
  writer
    .dataframe(fromArray(rows, { schema: schema({ value: t.bytes() }) }))
    .withHeaders(() => {
      const named = Object.entries(records[at++]?.headers ?? {})
      return named.map(([name, text]) => ({ name, value: Buffer.from(text, 'hex') }))
    })
    .toTopic(writer.topic(topic, { value: bytes(), create }))
  await writer.run({ until: 'end' })
  const app = appOf()
  const value = avro({ registry, readerSchema: Reading })
  return await app.dataframe(app.topic(topic, { value, create })).collect()
}

describe.skipIf(python === null)("Confluent's Python client", () => {
  describe.each(['id', 'guid'] as const)('framing %s', framing => {
    test('reads what is written here', async () => {
      const records = await write(embedded.url, TOPIC, framing)
      expect(await run(['deserialize', embedded.url, TOPIC], records)).toEqual(TEXTS)
    })

    test('writes what is read here', async () => {
      const given = { schema: Reading, rows: TEXTS }
      const records = await run<Raw[]>(['serialize', embedded.url, framing, TOPIC], given)
      expect(Object.keys(records[0]?.headers ?? {})).toHaveLength(framing === 'guid' ? 1 : 0)
      expect(await read(embedded.url, TOPIC, records)).toEqual(ROWS)
    })
  })

  test.skipIf(inject('registry').missing !== '')('both ways through Apicurio', async () => {
    const { url } = inject('registry')
    const topic = `python-${process.pid}`
    const records = await write(url, topic, 'id')
    expect(await run(['deserialize', url, topic], records)).toEqual(TEXTS)
    const theirs = `python-theirs-${process.pid}`
    const given = { schema: Reading, rows: TEXTS }
    const written = await run<Raw[]>(['serialize', url, 'id', theirs], given)
    expect(await read(url, theirs, written)).toEqual(ROWS)
  })
})

describe.skipIf(python === null)('fastavro', () => {
  test.each(['null', 'deflate', 'snappy'] as const)('reads files of codec %s', async codec => {
    const app = appOf()
    const format = avroFile({ schema: Reading, codec, blockBytesMax: 700 })
    app.dataframe(fromArray(ROWS, { schema: Row })).sink(filesSink(localFolder(folder), { format }))
    await app.run({ until: 'end' })
    const files = await run<Record<string, unknown[]>>(['read', folder])
    expect(Object.values(files).flat()).toEqual(TEXTS)
  })

  test('writes files of every codec, which are read here', async () => {
    await run(['write', folder], { schema: Reading, rows: TEXTS })
    const names = (await readdir(folder)).sort()
    expect(names).toEqual(['deflate.avro', 'null.avro', 'snappy.avro', 'zstandard.avro'])
    for (const name of names) {
      const app = appOf()
      const source = fromAvroFile(join(folder, name), { schema: Reading })
      expect(await app.dataframe(source).collect()).toEqual(ROWS)
    }
  })
})
