/**
 * The settings of librdkafka's producer for writing over connections of our own. The kinds of
 * meaning are those of direct-settings.ts; here `fallback` means that librdkafka writes.
 */
import { MillraceError } from '@millrace/core'
import type { SenderOptions } from './direct/record-sender.ts'
import { DEFLATES } from './records/codecs/deflate.ts'
import type { CheckedSettings } from './settings.ts'

/** What each setting of writing means for our own connections. */
export const DIRECT_WRITE_MEANINGS: Readonly<Record<string, 'both' | 'control' | 'fallback'>> = {
  'linger.ms': 'both',
  'batch.size': 'both',
  'compression.type': 'both',
  'queue.buffering.max.kbytes': 'both',
  'request.timeout.ms': 'both',
  'delivery.timeout.ms': 'both',
  // A batch holds as many records as its bytes have room for.
  'batch.num.messages': 'control',
  // What waits is bounded by its bytes.
  'queue.buffering.max.messages': 'control',
  'queue.buffering.backpressure.threshold': 'control',
  // Records without a key go to the next partition with each write.
  'sticky.partitioning.linger.ms': 'control',
  'compression.level': 'fallback',
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** What the brokers and librdkafka take, unless told otherwise. */
const MESSAGE_BYTES_MAX = 1_000_000
const QUEUE_KBYTES = 16 * 1024
const REQUEST_MS = 30_000

/** A string: why writing goes through librdkafka. @throws INVALID_ARGUMENT for an unknown codec */
export function directWriteOptions(
  settings: CheckedSettings,
  deliveryMs: number,
): SenderOptions | string {
  for (const [name, meaning] of Object.entries(DIRECT_WRITE_MEANINGS)) {
    if (meaning === 'fallback' && settings.get(name) !== undefined) return `"${name}" is set`
  }
  const number = (name: string, value: number): number => Number(settings.get(name) ?? value)
  const type = String(settings.get('compression.type') ?? 'none')
  const codec = CODECS.indexOf(type)
  if (codec < 0) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `kafka settings: "compression.type" is one of ${CODECS.join(', ')}; got ` +
        `${JSON.stringify(type)}.`,
    )
  }
  if (DEFLATES[codec] === undefined) {
    return `"compression.type" is ${type}, which Node ${process.versions.node} cannot write`
  }
  const recordBytesMax = number('message.max.bytes', MESSAGE_BYTES_MAX)
  return {
    codec,
    recordBytesMax,
    bytesMax: Math.min(recordBytesMax, number('batch.size', MESSAGE_BYTES_MAX)),
    bufferBytesMax: number('queue.buffering.max.kbytes', QUEUE_KBYTES) * 1024,
    lingerMs: number('linger.ms', 0),
    deliveryMs,
    requestMs: Math.min(deliveryMs, number('request.timeout.ms', REQUEST_MS)),
  }
}
