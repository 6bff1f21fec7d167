/**
 * The same cluster by two ways: over connections of Millrace, and through librdkafka, which a
 * setting chooses that only it knows.
 *
 * Both are read to an end that was found once, so what comes behind it while they read makes no
 * difference. Errors that may pass are waited out: brokers come and go here.
 */
import { MillraceError, type TransactionalProducer, type Transport } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import type { ClientSettings } from '../crash/story.ts'
import { until } from '../waiting.ts'
import { digestsOf, type RecordList } from './record-list.ts'

/** Of records of 5 MB. */
const RECORD_BYTES_MAX = 8_000_000
/** Only librdkafka has a meaning for it; its value is the one it has anyway. */
const LIBRDKAFKA_ALONE = { 'broker.address.family': 'any' } as const
const READ_MS = 120_000
const AGAIN_MS = 100

export interface PartOfLog {
  readonly topic: string
  readonly partition: number
  readonly earliest: number
  readonly latest: number
}

export class BothClients {
  readonly direct: Transport
  readonly librdkafka: Transport
  /** Why the direct one is none; null: it is. */
  fallback: string | null = null
  readonly #id: string

  private constructor(settings: ClientSettings, id: string) {
    const all = { ...settings, 'message.max.bytes': RECORD_BYTES_MAX }
    const log = (of: 'direct' | 'librdkafka') => ({
      info: (_: object, message: string): void => {
        if (of === 'direct' && message.includes('goes through librdkafka')) this.fallback = message
      },
      warn: (): void => {},
    })
    this.#id = id
    this.direct = kafka(all).create({ applicationId: id, log: log('direct') })
    this.librdkafka = kafka({ ...all, ...LIBRDKAFKA_ALONE }).create({
      applicationId: id,
      log: log('librdkafka'),
    })
  }

  static async open(settings: ClientSettings, id: string): Promise<BothClients> {
    const both = new BothClients(settings, id)
    await both.direct.open()
    await both.librdkafka.open()
    return both
  }

  async close(): Promise<void> {
    await this.direct.close()
    await this.librdkafka.close()
  }

  async transaction(name: string, of: Transport): Promise<TransactionalProducer> {
    const transactionalId = `${this.#id}-${name}`
    const create = of.createTransactionalProducer?.({ transactionalId, timeoutMs: 60_000 })
    if (create === undefined) throw new Error('the cluster has no transactions')
    return create
  }

  /** All committed records of a partition, up to an end that both are told. */
  async read(of: Transport, part: PartOfLog, signal: AbortSignal): Promise<RecordList> {
    const { topic, partition, earliest, latest } = part
    const fetcher = await of.createFetcher({ bufferBytesMax: 1 << 24, batchRecordsMax: 777 })
    const records: string[] = []
    let position = earliest
    let failure: unknown = null
    let passing: MillraceError | null = null
    fetcher.add({ topic, partition }, earliest)
    const step = async (): Promise<void> => {
      const raw = await fetcher.poll(50)
      if (raw !== null) records.push(...digestsOf(raw, latest))
      position = fetcher.progress({ topic, partition })?.position ?? position
    }
    let isOver = false
    const reading = (async () => {
      while (position < latest && !isOver) {
        await step().catch(async error => {
          // Brokers come and go.
          if (!mayPass(error)) throw error
          passing = error as MillraceError
          await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
        })
      }
    })().catch(error => {
      failure = error
    })
    let isRead = false
    void reading.then(() => {
      isRead = true
    })
    try {
      await until(() => isRead, {
        timeoutMs: READ_MS,
        signal,
        what: () =>
          `${topic}/${partition} is read to ${latest} through ${of.name}; it stands at ` +
          `${position}; last error: ${passing?.message ?? 'none'}`,
      })
    } finally {
      isOver = true
      await fetcher.close()
    }
    if (failure !== null) throw failure
    // Behind the end, ends of transactions may have come meanwhile.
    return { records, position: Math.min(position, latest) }
  }
}

function mayPass(error: unknown): boolean {
  return MillraceError.is(error) && error.retriable
}
