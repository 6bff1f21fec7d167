/** Records with everything that is easy to get wrong: nulls, emptiness, bytes, sizes, times. */
import { type Header, type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'
import type { Random } from '../random.ts'

const TIME = 1_700_000_000_000
const DAY = 86_400_000

export interface OddShape {
  /** Of a value, at most. */
  readonly valueBytes: number
  /** Compacted topics want one. */
  readonly hasKeys?: boolean
}

export function oddRecords(
  random: Random,
  topic: string,
  partition: number,
  count: number,
  shape: OddShape,
): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) {
    const key =
      shape.hasKeys === true ? Buffer.from(`key ${random.below(50)}`) : oddBytes(random, 20)
    builder.append(key, oddBytes(random, shape.valueBytes), oddTime(random), oddHeaders(random))
  }
  return { ...builder.build(), topic, partitions: new Int32Array(count).fill(partition) }
}

/** Null, empty, or some bytes: every one of the 256, and text that compresses. */
function oddBytes(random: Random, bytesMax: number): Buffer | null {
  const kind = random.below(8)
  if (kind === 0) return null
  if (kind === 1) return Buffer.alloc(0)
  const bytes = Buffer.alloc(1 + random.below(bytesMax))
  if (kind < 5) return bytes.fill(`${random.below(1_000)} text `)
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.below(256)
  return bytes
}

/** Around a time, as they come, long ago, and none at all; never 0, which librdkafka cannot. */
function oddTime(random: Random): number {
  const kind = random.below(10)
  if (kind === 0) return 1 + random.below(1_000)
  if (kind === 1) return TIME - random.below(10_000) * DAY
  return TIME + random.below(100_000) - 50_000
}

function oddHeaders(random: Random): Header[] {
  if (random.below(3) > 0) return []
  return Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    name: random.below(6) === 0 ? 'ä' : `header ${i}`,
    value: oddBytes(random, 30),
  }))
}
