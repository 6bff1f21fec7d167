import type { RawRecords } from '@millrace/core'
import { MillraceError } from '@millrace/core'
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpenBatch } from './open-batch.ts'
import { type AbortedTransaction, RecordBatchReader } from './record-batch-reader.ts'

const CONTROL = 32

function oneRecord(key: Buffer): RawRecords {
  const { length } = key
  return {
    count: 1,
    data: key,
    keyStart: Int32Array.of(0),
    keySize: Int32Array.of(length),
    valueStart: Int32Array.of(0),
    valueSize: Int32Array.of(-1),
    headersStart: Int32Array.of(0),
    headersSize: Int32Array.of(0),
    timestamps: Float64Array.of(1),
  }
}

function sealed(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

function batchOf(key: Buffer, offset: number, producerId: bigint): Buffer {
  const open = new OpenBatch({ codec: 0, bytesMax: 1_000, recordBytesMax: 1_000 })
  open.append(oneRecord(key), 0)
  const isTransactional = producerId >= 0n
  const bytes = open.seal({ producerId, epoch: 0, sequence: 0, isTransactional })
  bytes.writeBigInt64BE(BigInt(offset), 0)
  return bytes
}

function data(offset: number, producerId: bigint): Buffer {
  return batchOf(Buffer.from('key'), offset, producerId)
}

/** The key of a control record: version, then type; 0 = abort, 1 = commit. */
function control(offset: number, producerId: bigint, type: number, key?: Buffer): Buffer {
  const bytes = batchOf(key ?? Buffer.of(0, 0, 0, type), offset, producerId)
  bytes.writeInt16BE(bytes.readInt16BE(21) | CONTROL, 21)
  return sealed(bytes)
}

/** What compaction leaves of a batch whose producer is still known. */
function emptied(batch: Buffer): Buffer {
  const bytes = Buffer.from(batch.subarray(0, 61))
  bytes.writeInt32BE(0, 57)
  return sealed(bytes)
}

function read(fetches: readonly (readonly [Buffer, readonly AbortedTransaction[]])[]) {
  const reader = new RecordBatchReader('orders', 3, 0, { checkCrc: true, bytesMax: 1 << 20 })
  const offsets: number[] = []
  for (const [bytes, aborted] of fetches) {
    if (bytes.length === 0) continue
    reader.add({ data: bytes, start: 0, end: bytes.length, aborted })
    for (let raw = reader.next(3); raw !== null; raw = reader.next(3)) offsets.push(...raw.offsets)
  }
  return { offsets, position: reader.position }
}

test('aborted transactions come in the order in which they ended, not began', () => {
  const log = [data(0, 1n), data(1, 2n), control(2, 2n, 0), control(3, 1n, 0), data(4, -1n)]
  const aborted = [
    { producerId: 2n, firstOffset: 1 },
    { producerId: 1n, firstOffset: 0 },
  ]
  expect(read([[Buffer.concat(log), aborted]])).toEqual({ offsets: [4], position: 5 })
})

test('a control batch that compaction left empty ends nothing', () => {
  const log = [data(0, 1n), emptied(control(1, 2n, 0)), data(2, 1n), control(3, 1n, 0), data(4, 2n)]
  const aborted = [{ producerId: 1n, firstOffset: 0 }]
  expect(read([[Buffer.concat(log), aborted]]).offsets).toEqual([4])
})

test('control records that are none are refused with their place', () => {
  const log = [data(0, 1n), control(1, 1n, 0, Buffer.of(0))]
  const aborted = [{ producerId: 1n, firstOffset: 0 }]
  let error: unknown
  try {
    read([[Buffer.concat(log), aborted]])
  } catch (thrown) {
    error = thrown
  }
  expect(MillraceError.is(error) && error.code).toBe('LOG_CORRUPT')
  expect((error as MillraceError).place).toMatchObject({ topic: 'orders', partition: 3 })
})

test('each fetch says by itself what was aborted', () => {
  // The marker of the transaction at 0 was compacted away: what comes behind is another one.
  const first: [Buffer, AbortedTransaction[]] = [data(0, 1n), [{ producerId: 1n, firstOffset: 0 }]]
  const second: [Buffer, AbortedTransaction[]] = [
    Buffer.concat([data(5, 1n), control(6, 1n, 1)]),
    [],
  ]
  expect(read([first, second]).offsets).toEqual([5])
})

interface Fate {
  readonly producerId: bigint
  readonly firstOffset: number
  readonly endOffset: number
  readonly isAborted: boolean
}

test('an oracle that knows the fate of each transaction agrees, however fetches are cut', () => {
  const step = fc.record({
    producer: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom('data', 'data', 'data', 'commit', 'abort'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (list, cut) => {
      // All that is open at the end commits, so that the stable offset is the end.
      const steps = [...list, ...[1, 2, 3].map(producer => ({ producer, kind: 'commit' }))]
      const began = new Map<number, number>()
      const fates: Fate[] = []
      const batches = steps.map(({ producer, kind }, offset) => {
        const producerId = producer === 0 ? -1n : BigInt(producer)
        if (producer === 0) return data(offset, producerId)
        if (kind === 'data') {
          if (!began.has(producer)) began.set(producer, offset)
          return data(offset, producerId)
        }
        const firstOffset = began.get(producer)
        const isAborted = kind === 'abort'
        if (firstOffset !== undefined) {
          fates.push({ producerId, firstOffset, endOffset: offset, isAborted })
        }
        began.delete(producer)
        return control(offset, producerId, isAborted ? 0 : 1)
      })
      const isGiven = (offset: number) => {
        const { producer, kind } = steps[offset] as (typeof steps)[number]
        if (producer === 0) return true
        if (kind !== 'data') return false
        const isMine = ({ producerId, firstOffset, endOffset }: Fate) =>
          producerId === BigInt(producer) && firstOffset <= offset && offset < endOffset
        return fates.some(fate => isMine(fate) && !fate.isAborted)
      }
      // As the index of a broker: what ended at or behind the fetch and began before its end.
      const fetches = Array.from({ length: Math.ceil(steps.length / cut) }, (_, i) => {
        const [start, end] = [i * cut, (i + 1) * cut]
        const aborted = fates.filter(
          fate => fate.isAborted && fate.endOffset >= start && fate.firstOffset < end,
        )
        return [Buffer.concat(batches.slice(start, end)), aborted] as const
      })
      const expected = steps.map((_, offset) => offset).filter(isGiven)
      expect(read(fetches)).toEqual({ offsets: expected, position: steps.length })
    }),
    { numRuns: 300 },
  )
})
