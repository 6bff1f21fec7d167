import { expect, test } from 'vitest'
import { rowsOf } from '../batch/row.ts'
import { REPARTITION_HEADER, writeRepartitionHeader } from '../record/format/repartition-header.ts'
import { rowWriter } from '../record/format/row-format.ts'
import { writeWatermarkRecord } from '../record/format/watermark-record.ts'
import type { Headers } from '../record/headers.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { RepartitionIntake } from './repartition-intake.ts'

const Row = schema({ n: t.int32().nullable() })
const rows = rowWriter(Row.fields, false)

function bytesOf(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter()
  write(out)
  return out.copy()
}
const mark = (watermark: number): Headers => [
  { name: REPARTITION_HEADER, value: bytesOf(out => writeRepartitionHeader(watermark, out)) },
]

class Log {
  readonly #builder = new RawRecordsBuilder()

  row(n: number | null, watermark: number, own: Headers = []): this {
    const value = bytesOf(out => rows.write([n], null, out))
    this.#builder.append(Buffer.from('key'), value, 7, [...mark(watermark), ...own])
    return this
  }

  said(task: number, watermark: number): this {
    const word = { task, taskCount: 2, watermark, isIdle: false, isFinal: false, epoch: 0 }
    this.#builder.append(
      null,
      bytesOf(out => writeWatermarkRecord(word, out)),
      99,
    )
    return this
  }

  raw(key: Buffer | null, value: Buffer | null, headers: Headers): this {
    this.#builder.append(key, value, 0, headers)
    return this
  }

  read(): RawBatch {
    const records = this.#builder.build()
    const offsets = Float64Array.from({ length: records.count }, (_, i) => 20 + i)
    return { ...records, topic: 'internal', partition: 1, offsets, nextOffset: 50 }
  }
}

const intake = new RepartitionIntake({
  kind: 'repartition',
  identity: 'x',
  upstream: 0,
  schema: Row,
})

test('gives rows and words in the order of the log', () => {
  const log = new Log().said(0, 5).row(1, 10).row(null, 20).said(1, 6).said(0, 7).row(3, 30)
  const told = [...intake.take(log.read())].map(event => {
    if (event.kind === 'watermark') return `${event.record.task} at ${event.record.watermark}`
    const rowAt = rowsOf(event.batch)
    return Array.from({ length: event.batch.count }, (_, i) => rowAt(i)['n'])
  })
  expect(told).toEqual(['0 at 5', [1, null], '1 at 6', '0 at 7', [3]])
})

test('rows have the watermark of their source, their offset, and their own headers alone', () => {
  const own = [{ name: REPARTITION_HEADER, value: Buffer.from('of the user') }]
  const [event] = [...intake.take(new Log().row(1, -3).row(2, 4, own).read())]
  if (event?.kind !== 'rows') throw new Error('rows expected')
  const { batch } = event
  expect([...batch.records.watermarks]).toEqual([-3, 4])
  expect([...batch.records.offsets]).toEqual([20, 21])
  expect([batch.headers(0), batch.headers(1)]).toEqual([[], own])
  expect(String(batch.records.keys.get(1))).toBe('key')
})

test('words have the wall time at which they were written', () => {
  const [event] = [...intake.take(new Log().said(0, 5).read())]
  expect(event).toMatchObject({ kind: 'watermark', at: 99 })
})

const key = Buffer.from('key')
const value = bytesOf(out => rows.write([1], null, out))
test.each([
  ['a row without its header', key, value, [], 'Something else writes to this topic'],
  ['a row cut off', key, value.subarray(0, 1), mark(0), 'FORMAT_UNKNOWN'],
  ['a row without a value', key, null, mark(0), 'FORMAT_UNKNOWN'],
  ['a word that is none', null, Buffer.from('?'), [], 'FORMAT_UNKNOWN'],
])('%s stops the run, with its place', (_, ofKey, ofValue, headers, text) => {
  const read = () => [...intake.take(new Log().raw(ofKey, ofValue, headers).read())]
  expect(read).toThrow(text)
  expect(read).toThrow('topic internal/1 offset 20')
})
