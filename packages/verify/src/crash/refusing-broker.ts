/**
 * A broker around another one that can have a delivery refused: the next outputs are padded with
 * white space beyond what their topic takes, so that the broker itself refuses them. Their JSON
 * stays equal. An engine that did not notice would lose real results; one that does notice writes
 * them anew, unpadded.
 */
import { randomBytes } from 'node:crypto'
import {
  type OutgoingRecords,
  type Producer,
  RawRecordsBuilder,
  type TransactionalProducer,
  type Transport,
  type TransportFactory,
} from '@millrace/core'

/** `max.message.bytes` of the output topics: the default of Kafka, said. */
export const OUTPUT_BYTES_MAX = 1_048_588
/** Four kinds of white space at random: no codec makes less than a quarter of it. */
const WHITE: Buffer = Buffer.from(' \t\n\r')
const PAD_BYTES = 6 * OUTPUT_BYTES_MAX
/** `message.max.bytes` of the client, so that the broker is who refuses. */
export const CLIENT_BYTES_MAX: number = 8 * OUTPUT_BYTES_MAX

export class RefusingBroker implements TransportFactory {
  readonly #inner: TransportFactory
  readonly #isOutput: (topic: string) => boolean
  #onRefused: (() => void) | null = null

  constructor(inner: TransportFactory, isOutput: (topic: string) => boolean) {
    this.#inner = inner
    this.#isOutput = isOutput
  }

  /** Has the next outputs refused; `told` is called when they are on their way. */
  refuseNext(told: () => void): void {
    this.#onRefused = told
  }

  create(context: Parameters<TransportFactory['create']>[0]): Transport {
    const inner = this.#inner.create(context)
    const pad = (records: OutgoingRecords): OutgoingRecords => this.#pad(records)
    return new Proxy(inner, {
      get: (target, name) => {
        if (name === 'createProducer') {
          return async () => padded(await target.createProducer(), pad)
        }
        if (name === 'createTransactionalProducer') {
          const create: Transport['createTransactionalProducer'] = async options =>
            padded((await target.createTransactionalProducer?.(options)) as never, pad)
          return create
        }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #pad(records: OutgoingRecords): OutgoingRecords {
    const told = this.#onRefused
    if (told === null || records.count === 0 || !this.#isOutput(records.topic)) return records
    this.#onRefused = null
    told()
    return padValues(records)
  }
}

function padded<P extends Producer | TransactionalProducer>(
  producer: P,
  pad: (records: OutgoingRecords) => OutgoingRecords,
): P {
  return new Proxy(producer, {
    get: (target, name) => {
      if (name === 'write') return (records: OutgoingRecords) => target.write(pad(records))
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The first value grows; the others share its fate. */
function padValues(records: OutgoingRecords): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  const pad = randomBytes(PAD_BYTES).map(byte => WHITE[byte & 3] as number)
  const cut = (start: number, size: number): Buffer | null =>
    size < 0 ? null : records.data.subarray(start, start + size)
  for (let i = 0; i < records.count; i++) {
    const key = cut(records.keyStart[i] as number, records.keySize[i] as number)
    const value = cut(records.valueStart[i] as number, records.valueSize[i] as number)
    const large = value === null || i > 0 ? value : Buffer.concat([value, pad])
    builder.append(key, large, records.timestamps[i] as number)
  }
  return { ...builder.build(), topic: records.topic, partitions: records.partitions }
}
