/**
 * Two brokers as one: topics that `isAbove` says are read and written above, all others below.
 *
 * A frame that is read on its own (`collect`, iteration) keeps its internal topics in memory this
 * way and leaves the real broker as it was. There is no group in it: such a run reads everything
 * itself.
 */
import { MillraceError } from '../errors.ts'
import type { RawBatch } from './raw-records.ts'
import type { Admin, Fetcher, FetcherOptions, Producer, Transport } from './transport.ts'

/** Longest wait below while something may come above. */
const POLL_BELOW_MS = 10

export function overlayTransport(
  above: Transport,
  below: Transport,
  isAbove: (topic: string) => boolean,
): Transport {
  const of = (topic: string): Transport => (isAbove(topic) ? above : below)
  return {
    name: below.name,
    abilities: { ...below.abilities, transactions: false },
    open: async () => {
      await above.open()
      await below.open()
    },
    admin: overlayAdmin(above, below, of),
    joinGroup: () =>
      Promise.reject(new MillraceError('INTERNAL', 'a run on its own joins no group.')),
    createFetcher: options => overlayFetcher(above, below, isAbove, options),
    createProducer: () => overlayProducer(above, below, isAbove),
    close: async () => {
      await above.close()
      await below.close()
    },
  }
}

function overlayAdmin(above: Transport, below: Transport, of: (topic: string) => Transport): Admin {
  return {
    describeTopics: async names => {
      const up = names.filter(name => of(name) === above)
      const down = names.filter(name => of(name) === below)
      return new Map([
        ...(up.length === 0 ? [] : await above.admin.describeTopics(up)),
        ...(down.length === 0 ? [] : await below.admin.describeTopics(down)),
      ])
    },
    createTopic: spec => of(spec.name).admin.createTopic(spec),
    addPartitions: (topic, count) => of(topic).admin.addPartitions(topic, count),
    offsets: partition => of(partition.topic).admin.offsets(partition),
  }
}

async function overlayFetcher(
  above: Transport,
  below: Transport,
  isAbove: (topic: string) => boolean,
  options: FetcherOptions,
): Promise<Fetcher> {
  const upper = await above.createFetcher(options)
  const lower = await below.createFetcher(options)
  const of = (topic: string): Fetcher => (isAbove(topic) ? upper : lower)
  return {
    add: (partition, offset) => of(partition.topic).add(partition, offset),
    remove: partition => of(partition.topic).remove(partition),
    pause: partition => of(partition.topic).pause(partition),
    resume: partition => of(partition.topic).resume(partition),
    poll: async (timeoutMs): Promise<RawBatch | null> =>
      (await upper.poll(0)) ?? (await lower.poll(Math.min(timeoutMs, POLL_BELOW_MS))),
    progress: partition => of(partition.topic).progress(partition),
    close: async () => {
      await upper.close()
      await lower.close()
    },
  }
}

async function overlayProducer(
  above: Transport,
  below: Transport,
  isAbove: (topic: string) => boolean,
): Promise<Producer> {
  const upper = await above.createProducer()
  const lower = await below.createProducer()
  return {
    write: records => (isAbove(records.topic) ? upper : lower).write(records),
    flush: async () => {
      await upper.flush()
      await lower.flush()
    },
    close: async () => {
      await upper.close()
      await lower.close()
    },
  }
}
