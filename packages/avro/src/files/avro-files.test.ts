import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import {
  Application,
  filesSink,
  fromArray,
  InMemoryBroker,
  inMemory,
  MillraceError,
  memoryStore,
  type ObjectStore,
  type Source,
  schema,
  t,
} from '@millrace/core'
import { testSink, testSource } from '@millrace/core/testing'
import avsc from 'avsc'
import { compressSync, uncompressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { type AvroFileOptions, avroFile } from './avro-file.ts'
import { fromAvroFolder } from './avro-file-source.ts'
import type { FileCodec } from './block-codec.ts'
import { blockHeadBytes, headerBytes } from './container.ts'

const hooks = { describe, test, expect }
const ORDER = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
} as const
const Order = schema({ id: t.string(), n: t.int64(), note: t.string().nullable() })
const ROWS = Array.from({ length: 500 }, (_, nth) => ({
  id: `order ${nth}`,
  n: BigInt(nth) * 1_000_000_007n,
  note: nth % 3 === 0 ? null : 'x'.repeat(nth % 17),
}))
/** What every Node can write. */
const CODECS: FileCodec[] = ['null', 'deflate', 'snappy']

async function write(store: ObjectStore, options: Partial<AvroFileOptions> = {}): Promise<void> {
  const app = new Application({ id: 'files', broker: inMemory(new InMemoryBroker()) })
  const format = avroFile({ schema: ORDER, ...options })
  app.dataframe(fromArray(ROWS, { schema: Order })).sink(filesSink(store, { format }))
  await app.run({ until: 'end' })
}

async function rowsOf(source: Source): Promise<unknown[]> {
  const app = new Application({ id: 'read', broker: inMemory(new InMemoryBroker()) })
  return await app.dataframe(source).collect()
}

async function bytesOf(store: ObjectStore): Promise<Buffer> {
  const [name] = await store.list('')
  return Buffer.from((await store.get(name as string, 0, 1e9)) as Uint8Array)
}

async function storeOf(bytes: Buffer, name = 'a.avro'): Promise<ObjectStore> {
  const store = memoryStore()
  await store.put(name, bytes)
  return store
}

async function errorOf(promise: Promise<unknown>): Promise<MillraceError> {
  const error = await promise.catch((reason: unknown) => reason)
  if (!MillraceError.is(error)) throw new Error(`no MillraceError: ${String(error)}`)
  return error
}

describe.each(CODECS)('codec %s', codec => {
  test('rows come back as they were, in many small blocks', async () => {
    const store = memoryStore()
    await write(store, { codec, blockBytesMax: 200 })
    expect(await rowsOf(fromAvroFolder(store, { schema: ORDER }))).toEqual(ROWS)
  })

  test('avsc reads what is written, and the other way round', async () => {
    const store = memoryStore()
    await write(store, { codec, blockBytesMax: 300 })
    const plain = ROWS.map(row => ({ ...row, n: Number(row.n) }))
    expect(await avscReads(await bytesOf(store))).toEqual(plain)
    const theirs = await storeOf(await avscWrites(codec, plain))
    expect(await rowsOf(fromAvroFolder(theirs, { schema: ORDER }))).toEqual(ROWS)
  })
})

type Done = (error: null, bytes: Buffer) => void

const INFLATE = {
  null: (block: Buffer, done: Done) => done(null, block),
  deflate: (block: Buffer, done: Done) => done(null, inflateRawSync(block)),
  snappy: (block: Buffer, done: Done) =>
    done(null, uncompressSync(block.subarray(0, -4)) as Buffer),
}
const DEFLATE = {
  null: (block: Buffer, done: Done) => done(null, block),
  deflate: (block: Buffer, done: Done) => done(null, deflateRawSync(block)),
  snappy: (block: Buffer, done: Done) => {
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(block))
    done(null, Buffer.concat([compressSync(block), checksum]))
  },
}

function avscReads(bytes: Buffer): Promise<unknown[]> {
  const decoder = new avsc.streams.BlockDecoder({ codecs: INFLATE } as never)
  const rows: unknown[] = []
  decoder.on('data', row => rows.push({ ...row }))
  decoder.end(bytes)
  return new Promise((resolve, reject) => {
    decoder.on('end', () => resolve(rows)).on('error', reject)
  })
}

async function avscWrites(codec: FileCodec, rows: readonly unknown[]): Promise<Buffer> {
  const options = { codec, blockSize: 500, codecs: DEFLATE }
  const encoder = new avsc.streams.BlockEncoder(ORDER as never, options as never)
  const parts: Buffer[] = []
  encoder.on('data', part => parts.push(part))
  for (const row of rows) encoder.write(row)
  encoder.end()
  await new Promise(resolve => encoder.on('end', resolve))
  return Buffer.concat(parts)
}

describe('the exams', () => {
  const Exam = {
    type: 'record',
    name: 'Exam',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'n', type: 'int' },
      { name: 'note', type: ['null', 'string'] },
    ],
  }

  testSink(hooks, () => {
    const store = memoryStore()
    const format = avroFile({ schema: Exam, blockBytesMax: 20 })
    return {
      definition: filesSink(store, { format, fileBytesMax: 300 }),
      visible: async () => {
        const rows = await rowsOf(fromAvroFolder(store, { schema: Exam }))
        return rows.map(row => (row as { id: string }).id)
      },
    }
  })

  const files = memoryStore()
  const made = Promise.all(
    ['b/1', 'b/2', 'b/.hidden', 'c'].map(async (name, nth) => {
      const rows = ROWS.slice(nth * 10, nth * 10 + 10).map(row => ({ ...row, n: Number(row.n) }))
      await files.put(`${name}.avro`, await avscWrites('deflate', rows))
    }),
  )
  testSource(hooks, () => {
    const source = fromAvroFolder(files, { schema: ORDER, prefix: 'b/', key: 'id' })
    const open: Source['open'] = async (partition, position) => {
      await made
      return source.open(partition, position)
    }
    return Object.freeze({ ...source, open })
  })
})

test('the same rows give the same file', async () => {
  const [one, two] = [memoryStore(), memoryStore()]
  await write(one, { metadata: { by: 'me' } })
  await write(two, { metadata: { by: 'me' } })
  expect(await bytesOf(one)).toEqual(await bytesOf(two))
  expect((await bytesOf(one)).includes(Buffer.from('\x04by\x04me'))).toBe(true)
})

test('files are read as another schema, or as they are', async () => {
  const store = memoryStore()
  await write(store)
  const readerSchema = {
    type: 'record',
    name: 'Order',
    fields: [
      { name: 'number', type: 'double', aliases: ['n'] },
      { name: 'more', type: 'int', default: 7 },
    ],
  }
  const rows = await rowsOf(fromAvroFolder(store, { schema: readerSchema }))
  expect(rows[3]).toEqual({ number: 3_000_000_021, more: 7 })
  expect(await rowsOf(fromAvroFolder(store))).toEqual(ROWS)
})

describe('mistakes are refused where they are made', () => {
  test.each<[string, unknown, string]>([
    ['no record', { schema: 'int' }, 'the schema of a file of rows is a record; got int'],
    ['a codec', { schema: ORDER, codec: 'lz4' }, 'one of null, deflate, snappy, zstandard'],
    ['a size', { schema: ORDER, blockBytesMax: 0 }, 'blockBytesMax is a whole number above 0'],
    ['metadata', { schema: ORDER, metadata: { 'avro.x': '' } }, '"avro.x" is the format\'s own'],
  ])('%s', (_, options, text) => {
    expect(() => avroFile(options as AvroFileOptions)).toThrow(text)
  })

  test('a frame that does not fit', () => {
    const { check } = avroFile({ schema: ORDER })
    expect(() => check(schema({ id: t.string() }))).toThrow('SCHEMA_MISMATCH')
  })
})

describe('bad files', () => {
  const SYNC = Buffer.alloc(16, 9)
  const header = (schema: unknown = ORDER, codec = 'null') =>
    Buffer.concat([
      headerBytes(
        new Map([
          ['avro.schema', Buffer.from(JSON.stringify(schema))],
          ['avro.codec', Buffer.from(codec)],
        ]),
      ),
      SYNC,
    ])
  const block = (count: number, body: Buffer, size = body.length, sync = SYNC) =>
    Buffer.concat([blockHeadBytes(count, size), body, sync])
  const row = (id: string) =>
    Buffer.concat([Buffer.of(id.length * 2), Buffer.from(id), Buffer.of(2, 0)])

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'the header of'],
    ['another format', Buffer.from('PAR1....'), 'does not begin as an Avro file does'],
    ['half a header', header().subarray(0, 50), 'the file ends before it does'],
    ['a schema that is none', header({ type: 'recrod' }), 'the schema in its header'],
    ['a codec that is not known', header(ORDER, 'bzip2'), 'its codec "bzip2" is not known here'],
    ['half a block', Buffer.concat([header(), block(1, row('a')).subarray(0, 8)]), 'ends before'],
    [
      'another marker',
      Buffer.concat([header(), block(1, row('a'), 4, Buffer.alloc(16))]),
      'marker',
    ],
    [
      '2^52 rows',
      Buffer.concat([header(), block(2 ** 52, row('a'))]),
      'it claims 4503599627370496 rows',
    ],
    [
      '2^52 bytes',
      Buffer.concat([header(), block(1, row('a'), 2 ** 52)]),
      'more than blockBytesMax',
    ],
    ['rows below zero', Buffer.concat([header(), Buffer.of(1, 2, 0), SYNC]), 'it claims -1 rows'],
    [
      'rows of no bytes',
      Buffer.concat([
        header({ type: 'record', name: 'E', fields: [] }),
        block(1e9, Buffer.alloc(0)),
      ]),
      'claims 1000000000 rows in 0 bytes',
    ],
    [
      'bytes behind the rows',
      Buffer.concat([header(), block(1, Buffer.concat([row('a'), row('b')]))]),
      '4 bytes behind its rows',
    ],
    [
      'bad deflate',
      Buffer.concat([header(ORDER, 'deflate'), block(1, Buffer.from('nonsense'))]),
      'its deflate cannot be read',
    ],
    [
      'bad snappy',
      Buffer.concat([header(ORDER, 'snappy'), block(1, Buffer.from('nonsense'))]),
      'SOURCE_FAILED',
    ],
  ])('%s', async (_, bytes, text) => {
    const store = await storeOf(bytes)
    const error = await errorOf(rowsOf(fromAvroFolder(store, { schema: ORDER })))
    expect(error.code).toBe('SOURCE_FAILED')
    expect(error.message).toContain(text)
  })

  test('rows that are damaged go to the policy, with their bytes', async () => {
    const damaged = Buffer.concat([row('a'), row('b'), Buffer.from([200, 1, 1])])
    const store = await storeOf(Buffer.concat([header(), block(3, damaged), block(1, row('c'))]))
    const reader = await fromAvroFolder(store, { schema: ORDER }).open(0, null)
    const first = await reader.read(10)
    expect(first.records.map(({ value }) => value['id'])).toEqual(['a', 'b'])
    const error = await errorOf(reader.read(10))
    expect(error.code).toBe('DECODE_FAILED')
    expect(error.message).toMatch(/row 3 of the block at byte \d+ of a.avro/)
    expect(await reader.skipBad?.()).toEqual(Buffer.from([200, 1, 1]))
    const last = await reader.read(10)
    expect(last.records.map(({ value }) => value['id'])).toEqual(['c'])
    expect(last.isEnd).toBe(true)
    await reader.close()
  })

  test('a block that goes wrong comes after the rows before it', async () => {
    const store = await storeOf(Buffer.concat([header(), block(1, row('a')), Buffer.of(2)]))
    const reader = await fromAvroFolder(store, { schema: ORDER }).open(0, null)
    const first = await reader.read(10)
    expect(first).toMatchObject({ records: [{ value: { id: 'a' } }], isEnd: false })
    expect((await errorOf(reader.read(10))).code).toBe('SOURCE_FAILED')
    await reader.close()
  })

  /** A frame of one raw block. */
  const zstandard = (bytes: Buffer, claimed = bytes.length) => {
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0])
    head.writeUInt32LE(claimed, 5)
    head.writeUIntLE(1 | (bytes.length << 3), 9, 3)
    return Buffer.concat([head, bytes])
  }

  test('zstandard is read everywhere, and bounded too', async () => {
    const two = Buffer.concat([row('a'), row('b')])
    const good = Buffer.concat([header(ORDER, 'zstandard'), block(2, zstandard(two))])
    const rows = await rowsOf(fromAvroFolder(await storeOf(good), { schema: ORDER }))
    expect(rows).toMatchObject([{ id: 'a' }, { id: 'b' }])
    const bomb = Buffer.concat([header(ORDER, 'zstandard'), block(2, zstandard(two, 2 ** 31))])
    const source = fromAvroFolder(await storeOf(bomb), { schema: ORDER })
    expect((await errorOf(rowsOf(source))).code).toBe('SOURCE_FAILED')
  })

  test('a small block that becomes a large one', async () => {
    const many = Buffer.concat(Array.from({ length: 50_000 }, () => row('aaaa')))
    const store = memoryStore()
    for (const [codec, body] of [
      ['deflate', deflateRawSync(many)],
      ['snappy', Buffer.concat([compressSync(many), Buffer.alloc(4)])],
    ] as const) {
      await store.put('a.avro', Buffer.concat([header(ORDER, codec), block(50_000, body)]))
      const source = fromAvroFolder(store, { schema: ORDER, blockBytesMax: 100_000 })
      const error = await errorOf(rowsOf(source))
      expect(error.message).toContain('it becomes more than 100000 bytes; raise blockBytesMax')
    }
  })
})
