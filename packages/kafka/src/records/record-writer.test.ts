/**
 * Records written in WebAssembly against those appended one by one: equal batches of the same
 * records, and the same errors; and bugs planted into the source, each of which that finds.
 */
import { MillraceError, type RawRecords } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OpenBatch } from './open-batch.ts'
import { outgoingRows } from './outgoing-rows.ts'
import { RecordWriter, recordWriter } from './record-writer.ts'
import { RECORD_WRITER_MODULE } from './record-writer-module.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../../', import.meta.url)
const SOURCE = new URL('kafka/wasm/record-writer.ts', PACKAGES)
const compiler = (await import(new URL('core/wasm/compile-module.mjs', PACKAGES).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000)
const PRODUCER = { producerId: -1n, epoch: -1, sequence: -1, isTransactional: false }
const writer = new RecordWriter(Buffer.from(RECORD_WRITER_MODULE, 'base64'), 1)

/** A part of a record: where it lies in the data, and its size. */
type Part = readonly [start: number, size: number]

interface Writing {
  readonly dataBytes: number
  readonly records: readonly { key: Part; value: Part; headers: Part; time: number }[]
  /** Of the records, which ones, how many a write. */
  readonly picked: readonly boolean[]
  readonly bytesMax: number
  readonly recordBytesMax: number
}

const size = fc.oneof(
  fc.integer({ min: -1, max: 40 }),
  fc.constantFrom(-1, 0, 1, 15, 16, 17, 63, 64, 255, 256, 257, 8_191, 8_192),
)
const part = fc.tuple(fc.nat(3_000), size)
const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1_000, max: 1_200 }) },
  { weight: 2, arbitrary: fc.constantFrom(-1, -0.5, 0, 7.9, 63, 64, 8_255, 2 ** 31, 2 ** 52) },
  { weight: 1, arbitrary: fc.double({ min: -1, max: 8.64e15, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(8.64e15, 1e15) },
)
const badTime = fc.constantFrom(-2, Number.NaN, 8.64e15 + 2, 2 ** 63, -Infinity)
const writing: fc.Arbitrary<Writing> = fc
  .record({
    records: fc.array(
      fc.record({
        key: part,
        value: part,
        headers: fc.tuple(fc.nat(3_000), fc.constantFrom(0, 0, 0, -1, 1, 2, 30)),
        time,
      }),
      { minLength: 1, maxLength: 90 },
    ),
    bad: fc.option(fc.tuple(fc.nat(89), badTime), { freq: 6 }),
    seen: fc.infiniteStream(fc.constantFrom(true, true, true, false)),
    bytesMax: fc.oneof(fc.integer({ min: 100, max: 20_000 }), fc.constant(1 << 20)),
    recordBytesMax: fc.constantFrom(200, 5_000, 1 << 20),
  })
  .map(({ records, bad, seen, ...bounds }) => {
    const ends = records.flatMap(({ key, value, headers }) =>
      [key, value, headers].map(([start, bytes]) => start + Math.max(0, bytes)),
    )
    const given = records.map((record, i) =>
      bad !== null && bad[0] === i ? { ...record, time: bad[1] } : record,
    )
    return {
      dataBytes: Math.max(...ends),
      records: given,
      picked: [...seen.take(records.length)],
      ...bounds,
    }
  })

const NOISE = Buffer.from(Array.from({ length: 12_000 }, (_, i) => (i * 7_919 + (i >> 8)) % 251))

function rawOf({ dataBytes, records }: Writing): RawRecords {
  const column = (of: (record: Writing['records'][number]) => number) =>
    Int32Array.from(records, of)
  return {
    count: records.length,
    data: Buffer.from(NOISE.subarray(0, dataBytes)),
    keyStart: column(({ key }) => key[0]),
    keySize: column(({ key }) => key[1]),
    valueStart: column(({ value }) => value[0]),
    valueSize: column(({ value }) => value[1]),
    headersStart: column(({ headers }) => headers[0]),
    headersSize: column(({ headers }) => headers[1]),
    timestamps: Float64Array.from(records, ({ time }) => time),
  }
}

/** The batches that records become, each as text, and what ended them before the last record. */
function batchesOf(by: RecordWriter | null, made: Writing): string[] {
  const { bytesMax, recordBytesMax, picked } = made
  const rows = Int32Array.from(picked.flatMap((is, row) => (is ? [row] : [])))
  const records = rawOf(made)
  const write = outgoingRows(records, rows, by)
  if (by !== null && rows.length > 0) expect(write.writer).toBe(by)
  const open = () => new OpenBatch({ codec: 0, bytesMax, recordBytesMax })
  const batches: string[] = []
  let batch = open()
  let at = 0
  try {
    while (at < rows.length) {
      // In two parts, as two writes would.
      const next = batch.appendRows(write, at, Math.min(at + 50, rows.length))
      if (next === at && batch.count === 0) {
        batches.push(`${at} is too large`)
        break
      }
      if (next < Math.min(at + 50, rows.length)) {
        batches.push(batch.seal(PRODUCER).toString('latin1'))
        batch = open()
      }
      at = next
    }
  } catch (error) {
    batches.push(MillraceError.is(error) ? error.message : String(error))
  }
  batches.push(`${batch.count} ${batch.size}`)
  if (batch.count > 0) batches.push(batch.seal(PRODUCER).toString('latin1'))
  return batches
}

/** Of records that are parts of each other: they are more than all data. */
const OVERLAPPING: Writing = {
  dataBytes: 10_000,
  records: new Array(60).fill({ key: [0, 1], value: [0, 10_000], headers: [0, 0], time: 1 }),
  picked: new Array(60).fill(true),
  bytesMax: 1 << 20,
  recordBytesMax: 1 << 20,
}

function isEqual(by: RecordWriter, made: Writing): boolean {
  const [one, clear] = [batchesOf(by, made), batchesOf(null, made)]
  return one.length === clear.length && one.every((text, i) => text === clear[i])
}

/** @param by one whose memory has not grown */
function difference(by: RecordWriter, isLeast: boolean): unknown {
  if (!isEqual(by, OVERLAPPING)) return OVERLAPPING
  const property = fc.property(writing, made => isEqual(by, made))
  const details = fc.check(property, { numRuns: RUNS, seed: SEED, endOnFailure: !isLeast })
  return details.failed ? (details.counterexample ?? details.errorInstance) : null
}

test('gives the batches that records appended one by one give, and fails as they do', () => {
  expect(difference(writer, true)).toBe(null)
}, 120_000)

const one = { key: [0, 1], value: [0, 3], headers: [0, 0], time: 1 } as const

function written(by: RecordWriter | null, records: number, dataBytes: number): string[] {
  const picked = new Array(records).fill(true)
  const list = new Array(records).fill(one)
  const bounds = { bytesMax: 1 << 26, recordBytesMax: 1 << 26 }
  return batchesOf(by, { dataBytes, records: list, picked, ...bounds })
}

test('few records, and data of which little is theirs, are left to the clear version', () => {
  const shared = recordWriter() as RecordWriter
  const made = { dataBytes: 3, records: new Array(23).fill(one), picked: [], bytesMax: 0 }
  const raw = rawOf({ ...made, recordBytesMax: 0 })
  const rows = (count: number) => Int32Array.from({ length: count }, (_, row) => row % 23)
  expect(outgoingRows(raw, rows(23)).writer).toBe(null)
  expect(outgoingRows(raw, rows(24)).writer).toBe(shared)
  const large = { ...raw, data: Buffer.alloc(1 << 20) }
  expect(outgoingRows(large, rows(24)).writer).toBe(null)
  expect(outgoingRows({ ...raw, data: Buffer.alloc(40 << 20) }, rows(20_000)).writer).toBe(null)
  expect(written(shared, 5_000, 3)).toEqual(written(null, 5_000, 3))
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(RECORD_WRITER_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  [
    'times are not cut',
    'const time = trunc(load<f64>(times + (index << 3)))',
    'const time = nearest(load<f64>(times + (index << 3)))',
  ],
  ['times below -1 are taken', 'time >= -1 && ', ''],
  ['times beyond all dates are taken', ' && time <= TIME_MAX', ''],
  ['times are no differences', '<i64>time - firstTime', '<i64>time'],
  ['the latest time is that of the last', 'if (time > most) most = time', 'most = time'],
  ['places begin at 0', 'let place = count', 'let place: u32 = 0'],
  ['the size of the batch does not count', 'bytesMax - size', 'bytesMax'],
  ['batches have one byte more', 'if (bytes > left) break', 'if (bytes > left + 1) break'],
  ['batches are not full when they are', 'left -= bytes', ''],
  ['room does not bound', 'if (left > room) left = room', ''],
  ['no headers take no byte', 'max(1, headersBytes)', 'max(0, headersBytes)'],
  ['null keys are empty', 'zigzag(keyBytes)', 'zigzag(max(0, keyBytes))'],
  ['null values are empty', 'zigzag(valueBytes)', 'zigzag(max(0, valueBytes))'],
  ['varints of 64 are short', 'if (value < 128) return 1', 'if (value < 129) return 1'],
  ['varints of 8192 are short', 'if (value < 16384) return 2', 'if (value < 16386) return 2'],
  ['long varints are short', '(70 - clz(value)) / 7', '3'],
  [
    'long parts are one byte short',
    'memory.copy(to, from, bytes)',
    'memory.copy(to, from, bytes - 1)',
  ],
  ['parts are sixteen bytes', 'i < bytes; i += COPY', 'i < 1; i += COPY'],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new RecordWriter(bytes, 1), false)).not.toBe(null)
    },
    120_000,
  )
})
