/**
 * A broker whose partitions are read in an order that a test chooses: fast ones, slow ones, one at
 * last.
 */
import {
  type Fetcher,
  type FetcherOptions,
  type FetchProgress,
  type InMemoryBroker,
  inMemory,
  type RawBatch,
  type TopicPartition,
  type TransactionalProducer,
  type TransactionOptions,
  type Transport,
  type TransportFactory,
} from '@millrace/core'
import { Random } from '../../random.ts'

/** Which of the partitions that have records is read next; the first of equals. */
type Preference = (partition: TopicPartition, random: Random) => number

const ORDERS: Readonly<Record<string, Preference>> = {
  /** Any. */
  random: (_, random) => random.next(),
  /** The internal topics first, then partition after partition. */
  'one by one': ({ topic, partition }) => (topic === 'input' ? 1 + partition : 0),
  /** All input before anything behind it; the partition that is behind comes first. */
  'behind first': ({ topic, partition }) => (topic === 'input' ? -partition : 1),
  /** What stands behind is always up to date; the partition that is behind comes last. */
  'behind last': ({ topic, partition }, random) =>
    topic !== 'input' ? 0 : partition === 3 ? 2 : 1 + random.next() / 2,
}

export function orderedBroker(
  broker: InMemoryBroker,
  order: string,
  seed: number,
  clientId: string,
): TransportFactory {
  const prefer = ORDERS[order] as Preference
  return {
    create: context => {
      const base = inMemory(broker, { clientId }).create(context)
      return {
        name: base.name,
        abilities: base.abilities,
        admin: base.admin,
        open: () => base.open(),
        joinGroup: options => base.joinGroup(options),
        createProducer: () => base.createProducer(),
        createTransactionalProducer: options => transactional(base, options),
        createFetcher: async options =>
          new OrderedFetcher({ broker, options, prefer, seed, clientId }),
        close: () => base.close(),
      } satisfies Transport
    },
  }
}

function transactional(
  base: Transport,
  options: TransactionOptions,
): Promise<TransactionalProducer> {
  if (base.createTransactionalProducer === undefined) throw new Error('memory has transactions')
  return base.createTransactionalProducer(options)
}

interface Reading extends TopicPartition {
  position: number
  isPaused: boolean
}

interface OrderedFetcherOptions {
  readonly broker: InMemoryBroker
  readonly options: FetcherOptions
  readonly prefer: Preference
  readonly seed: number
  readonly clientId: string
}

class OrderedFetcher implements Fetcher {
  readonly #broker: InMemoryBroker
  readonly #options: FetcherOptions
  readonly #prefer: Preference
  readonly #random: Random
  readonly #clientId: string
  #readings: Reading[] = []
  #isClosed = false

  constructor({ broker, options, prefer, seed, clientId }: OrderedFetcherOptions) {
    this.#broker = broker
    this.#options = options
    this.#prefer = prefer
    this.#random = new Random(seed)
    this.#clientId = clientId
  }

  add({ topic, partition }: TopicPartition, offset: number): void {
    this.#readings.push({ topic, partition, position: offset, isPaused: false })
    this.#broker.changes.notify()
  }

  remove(partition: TopicPartition): void {
    const gone = this.#find(partition)
    this.#readings = this.#readings.filter(reading => reading !== gone)
  }

  pause(partition: TopicPartition): void {
    const reading = this.#find(partition)
    if (reading !== undefined) reading.isPaused = true
  }

  resume(partition: TopicPartition): void {
    const reading = this.#find(partition)
    if (reading !== undefined) reading.isPaused = false
    this.#broker.changes.notify()
  }

  async poll(timeoutMs: number): Promise<RawBatch | null> {
    const { clock, changes } = this.#broker
    const deadline = clock.now() + timeoutMs
    await Promise.resolve()
    while (!this.#isClosed) {
      // A process that was killed goes no further.
      await this.#broker.awake(this.#clientId)
      const batch = this.#next()
      if (batch !== null) return batch
      if (clock.now() >= deadline) return null
      await changes.wait(deadline - clock.now(), clock)
    }
    return null
  }

  progress(partition: TopicPartition): FetchProgress | null {
    const reading = this.#find(partition)
    if (reading === undefined || reading.isPaused) return null
    const log = this.#broker.log(partition.topic, partition.partition)
    return {
      position: log.nextReadable(reading.position),
      lastStableOffset: log.lastStableOffset,
      highWatermark: log.end,
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#broker.changes.notify()
  }

  #find({ topic, partition }: TopicPartition): Reading | undefined {
    return this.#readings.find(each => each.topic === topic && each.partition === partition)
  }

  #next(): RawBatch | null {
    const { batchRecordsMax, bufferBytesMax } = this.#options
    const ready = this.#readings.filter(({ topic, partition, position, isPaused }) => {
      return !isPaused && this.#broker.log(topic, partition).read(position, 1, 1) !== null
    })
    const ranked = ready.map(reading => ({ reading, rank: this.#prefer(reading, this.#random) }))
    const [first] = ranked.sort((left, right) => left.rank - right.rank)
    if (first === undefined) return null
    const { reading } = first
    const { topic, partition, position } = reading
    const log = this.#broker.log(topic, partition)
    const read = log.read(position, batchRecordsMax, bufferBytesMax)
    if (read === null) return null
    reading.position = read.nextOffset
    const { records, offsets, nextOffset } = read
    return { ...records, topic, partition, offsets, nextOffset }
  }
}
