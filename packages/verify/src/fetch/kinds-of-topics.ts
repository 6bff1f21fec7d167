/**
 * The topics that are compared: what each is made of, and what happens while it is read.
 *
 * Records are written in turn by both ways of writing, so each way reads what both have written.
 * What is written follows from the seed; when brokers compress and compact does not.
 */
import type { Producer, TransactionalProducer, Transport } from '@millrace/core'
import type { Random } from '../random.ts'
import type { World } from '../world.ts'
import type { BothClients } from './both-clients.ts'
import { type OddShape, oddRecords } from './odd-records.ts'

export const PARTITIONS = 2
const SMALL: OddShape = { valueBytes: 400 }

export interface Writing {
  readonly topic: string
  readonly records: number
  readonly random: Random
  readonly clients: BothClients
}

export interface KindOfTopic {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  write(writing: Writing): Promise<void>
  /** While both read it; missing: nothing happens. */
  readonly happens?: (topic: string, broker: NonNullable<World['broker']>) => Promise<void>
  /** Why it cannot be done here. */
  readonly isMissing?: (broker: World['broker']) => string | null
}

const CODECS = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export const KINDS: readonly KindOfTopic[] = [
  ...CODECS.map(codec => ({
    name: `codec-${codec}`,
    // The broker compresses what comes with another codec: so both ways of writing have each.
    config: { 'compression.type': codec },
    write: (writing: Writing) => writeByBoth(writing, SMALL),
  })),
  { name: 'transactions', config: {}, write: writeTransactions },
  {
    name: 'compacted',
    config: {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0.01',
      'segment.ms': '100',
    },
    write: writing => writeByBoth(writing, { ...SMALL, hasKeys: true }),
  },
  {
    name: 'large',
    config: { 'max.message.bytes': '8000000' },
    write: writing => writeByBoth({ ...writing, records: 8 }, { valueBytes: 5_000_000 }, 1),
  },
  {
    name: 'broker-killed',
    config: {},
    write: writing => writeByBoth(writing, SMALL),
    happens: (_, broker) => broker.bounce(),
    isMissing: broker => (broker === null ? 'it needs a Kafka of its own' : null),
  },
  {
    name: 'leader-moved',
    config: {},
    write: writing => writeByBoth(writing, SMALL),
    happens: async (topic, broker) => broker.moveLeaders?.(topic, PARTITIONS),
    isMissing: broker =>
      broker?.moveLeaders === undefined ? 'it needs several brokers of its own' : null,
  },
]

/** In turn by both ways, some at a time, into each partition. */
async function writeByBoth(
  { topic, records, random, clients }: Writing,
  shape: OddShape,
  atOnce = 25,
): Promise<void> {
  const producers: Producer[] = []
  for (const of of [clients.direct, clients.librdkafka]) producers.push(await of.createProducer())
  for (let written = 0; written < records; written += atOnce) {
    const producer = producers[random.below(2)] as Producer
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await producer.write(oddRecords(random, topic, partition, atOnce, shape))
    }
    if (random.below(3) === 0) await producer.flush()
  }
  for (const producer of producers) {
    await producer.flush()
    await producer.close()
  }
}

/** Three transactions at a time, ended in any order and way, with plain records between. */
async function writeTransactions({ topic, records, random, clients }: Writing): Promise<void> {
  const ways: readonly Transport[] = [clients.direct, clients.librdkafka, clients.direct]
  const transactions: TransactionalProducer[] = []
  for (const [i, of] of ways.entries()) {
    transactions.push(await clients.transaction(`tx-${i}`, of))
  }
  const plain = await clients.direct.createProducer()
  for (let written = 0; written < records; written += 5) {
    const who = random.below(4)
    const producer = transactions[who] ?? plain
    const partition = random.below(PARTITIONS)
    await producer.write(oddRecords(random, topic, partition, 5, SMALL))
    if (producer === plain) await plain.flush()
    const ending = transactions[random.below(12)]
    if (ending === undefined) continue
    if (random.below(2) === 0) await ending.commit([], null)
    else await ending.abort()
  }
  for (const [i, transaction] of transactions.entries()) {
    if (i === 1) await transaction.abort()
    else await transaction.commit([], null)
    await transaction.close()
  }
  await plain.close()
}
