/**
 * The loops that every record goes through, each alone, over the same 4,096 records.
 *
 * What a loop reads is made before, once; what it makes is dropped. A window has its groups from
 * the first pass on, and none of them closes.
 */
import { ByteWriter, json, type RawBatch } from '@millrace/core'
import { Event } from '../event.ts'
import { BATCH_RECORDS, eventBatches } from './events.ts'
import { bareGraph, batchOf } from './graphs.ts'
import { CODECS, isRowsEncoder, OpenBatch, outgoingRows, RecordBatchReader } from './internals.ts'
import { tumblingTotals } from './pipelines.ts'

const KEYS = 10_000
const BYTES_MAX = 8 * 1024 * 1024
const LZ4 = 3
const HEAD_BYTES = 61
const PRODUCER = { producerId: -1n, epoch: -1, sequence: -1, isTransactional: false }

export interface Kernel {
  readonly name: string
  /** One pass over the records. */
  readonly run: () => unknown
}

export async function kernels(): Promise<Kernel[]> {
  const [raw] = eventBatches('input', 1, KEYS) as [RawBatch]
  return [...ofRecords(raw), ...ofColumns(raw), ...(await ofGraphs(raw))]
}

function ofRecords(raw: RawBatch): Kernel[] {
  const plain = sealed(raw, 0)
  const rows = Int32Array.from({ length: raw.count }, (_, row) => row)
  const packed = sealed(raw, LZ4).subarray(HEAD_BYTES)
  return [
    {
      name: 'parse records of a batch',
      run() {
        const reader = new RecordBatchReader('input', 0, 0, { checkCrc: true, bytesMax: BYTES_MAX })
        reader.add({ data: plain, start: 0, end: plain.length, aborted: [] })
        return reader.next(BATCH_RECORDS)
      },
    },
    {
      name: 'write records of a batch',
      run() {
        const batch = openBatch(0)
        batch.appendRows(outgoingRows(raw, rows), 0, rows.length)
        return batch
      },
    },
    { name: 'inflate lz4', run: () => CODECS[LZ4]?.inflate(packed, BYTES_MAX) },
  ]
}

function openBatch(codec: number) {
  return new OpenBatch({ codec, bytesMax: BYTES_MAX, recordBytesMax: BYTES_MAX })
}

function sealed(raw: RawBatch, codec: number): Buffer {
  const batch = openBatch(codec)
  for (let i = 0; i < raw.count; i++) batch.append(raw, i)
  return batch.seal(PRODUCER)
}

function ofColumns(raw: RawBatch): Kernel[] {
  const { count, data, valueStart: start, valueSize: size } = raw
  const serde = json(Event)
  const rows = Int32Array.from({ length: count }, (_, row) => row)
  const one = serde.decoder(['amount'])
  const all = serde.decoder('all')
  const batch = batchOf(raw, serde.decoder('all'))
  const encoder = serde.encoder(batch.schema)
  return [
    { name: 'scan, 1 of 6 fields', run: () => one.decode({ count, data, start, size }) },
    { name: 'scan, all fields', run: () => all.decode({ count, data, start, size }) },
    {
      name: 'encode JSON, 6 fields',
      run() {
        const out = new ByteWriter(data.length)
        for (let i = 0; i < count; i++) encoder.encode(batch, i, out)
        return out
      },
    },
    {
      name: 'encode JSON, 6 fields, at once',
      run: () => (isRowsEncoder(encoder) ? encoder.encodeRows(batch, rows) : null),
    },
  ]
}

async function ofGraphs(raw: RawBatch): Promise<Kernel[]> {
  const where = await bareGraph((frame, output) => frame.where(c => c.amount.lt(0)).toTopic(output))
  const windows = await bareGraph(tumblingTotals)
  const columns = batchOf(raw, where.decoder)
  const kept = batchOf(raw, windows.decoder)
  return [
    { name: 'where, nothing passes', run: () => where.graph.process(columns) },
    { name: 'window: look up and add', run: () => windows.graph.process(kept) },
  ]
}
