/**
 * Writes through librdkafka's idempotent producer.
 *
 *   write ─► client's queue ─► broker          reports come only of records that failed
 *      └───► waiting (queue full) ─► as room comes, in order
 *
 * Nothing is awaited per record. What fails is kept until `flush`, which proves nothing by itself:
 * an epoch is delivered when its flush ended in time and no report of a failure came. What is
 * written while a flush is under way is held back until it ended: so the flush is of everything
 * written before it and of nothing else, and it ends although writing goes on. When the broker
 * refuses a record nothing behind it is written (`enable.gapless.guarantee`): the client is at its
 * end then, and every flush says so.
 */
import {
  decodeHeaders,
  type MillraceError,
  type OutgoingRecords,
  type Producer,
} from '@millrace/core'
import { CODE, codeOf } from './broker-errors.ts'
import { closeProducer } from './connect-client.ts'
import { deliveryFailure, deliveryInDoubt, isVague } from './delivery-failure.ts'
import {
  answerOf,
  type NativeError,
  type NativeHeader,
  type NativeProducer,
} from './native-client.ts'
import { EMPTY, isCutName, toNativeHeaders } from './native-headers.ts'
import { outgoingCopy } from './outgoing-copy.ts'

/** How often reports of failures are fetched. */
const REPORTS_EVERY_MS = 10

/** The client looks for acknowledgements every 10 ms, or at the end of its time. */
const FLUSH_STEP_MS = 1
const FLUSH_STEP_MS_MAX = 10
/** As many short steps; who has more to send does not notice the long ones. */
const FLUSH_STEPS_SHORT = 30

interface Waiting {
  readonly records: OutgoingRecords
  next: number
}

export class KafkaProducer implements Producer {
  readonly #native: NativeProducer
  readonly #flushMs: number
  readonly #redact: (text: string) => string
  readonly #waiting: Waiting[] = []
  #room: Promise<void> | null = null
  /** How many want what is written now held back. */
  #holds = 0
  /** Written meanwhile. */
  readonly #held: Waiting[] = []
  /** Resolves when nothing is held back. */
  #free: Promise<void> = Promise.resolve()
  #onFree: () => void = () => {}
  /** One flush at a time. */
  #flushing: Promise<unknown> = Promise.resolve()
  /** The first failure since the last flush that says why. */
  #failure: MillraceError | null = null
  /** It shares the fate of records that failed before it. */
  #isVague = false
  /** Why nothing more is written by this producer. */
  #end: NativeError | null = null
  #isClosed = false

  /** @param flushMs how long a flush may take; longer than deliveries may, or they are in doubt. */
  constructor(native: NativeProducer, flushMs: number, redact: (text: string) => string) {
    this.#native = native
    this.#flushMs = flushMs
    this.#redact = redact
    native.on('delivery-report', (error, report) => {
      if (error) this.#fail(error, report.topic, report.partition)
    })
    native.on('event.error', error => {
      if (ENDS.has(codeOf(error))) this.#end ??= error
    })
    native.setPollInterval(REPORTS_EVERY_MS)
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    if (this.#holds > 0) {
      this.#held.push({ records: outgoingCopy(records), next: 0 })
      return this.#free
    }
    if (this.#waiting.length > 0) {
      this.#waiting.push({ records: outgoingCopy(records), next: 0 })
      return this.#room ?? undefined
    }
    const next = this.#send(records, 0)
    if (next === records.count) return undefined
    this.#waiting.push({ records: outgoingCopy(records, next), next: 0 })
    this.#room ??= this.#sendWaiting()
    return this.#room
  }

  /** What is written before `release` is sent after it. Also a flush under way holds back. */
  hold(): void {
    if (this.#holds++ > 0) return
    this.#free = new Promise(resolve => {
      this.#onFree = resolve
    })
  }

  release(): void {
    if (--this.#holds > 0) return
    this.#waiting.push(...this.#held.splice(0))
    if (this.#waiting.length > 0) this.#room ??= this.#sendWaiting()
    const room = this.#room
    if (room === null) this.#onFree()
    else void room.then(this.#onFree)
  }

  flush(): Promise<void> {
    const flush = this.#flushing.then(() => this.#flushNow())
    this.#flushing = flush.catch(() => {})
    return flush
  }

  async #flushNow(): Promise<void> {
    this.hold()
    try {
      await this.#room
      let stuck: unknown
      try {
        await this.#drain()
        if (!this.#isClosed) this.#native.poll()
      } catch (error) {
        stuck = error
      }
      // Reports reach us in a turn of the event loop after the one they were fetched in.
      for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
      if (this.#end !== null) this.#fail(this.#end)
      const failure =
        this.#failure ?? (stuck === undefined ? null : deliveryInDoubt(stuck, this.#flushMs))
      this.#failure = null
      if (failure !== null) throw failure
    } finally {
      this.release()
    }
  }

  /**
   * Until the client has nothing under way. Perf: asked once for all the time it would look every
   * 10 ms only, and a flush of one record took 10.4 ms; so it takes 1 to 3 (benchmarks/kafka.mjs).
   */
  async #drain(): Promise<void> {
    const deadline = performance.now() + this.#flushMs
    for (let step = 0; !this.#isClosed && this.#end === null; step++) {
      const stepMs = step < FLUSH_STEPS_SHORT ? FLUSH_STEP_MS : FLUSH_STEP_MS_MAX
      try {
        return await answerOf<void>(done => this.#native.flush(stepMs, done))
      } catch (error) {
        if (codeOf(error) !== CODE.timedOut || performance.now() >= deadline) throw error
      }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#waiting.length = 0
    this.#held.length = 0
    await this.#room
    await closeProducer(this.#native)
  }

  /** Sends from `from` on; gives the index of the first record there was no room for. */
  #send(records: OutgoingRecords, from: number): number {
    for (let i = from; i < records.count; i++) {
      try {
        this.#produce(records, i)
      } catch (error) {
        if (codeOf(error) === CODE.queueFull) return i
        this.#fail(error, records.topic, records.partitions?.[i] ?? null)
      }
    }
    return records.count
  }

  #produce(records: OutgoingRecords, index: number): void {
    const { topic, data, keyStart, keySize, valueStart, valueSize } = records
    const timestamp = Math.trunc(records.timestamps[index] as number)
    if (timestamp === 0) throw new Error(TIMESTAMP_ZERO)
    this.#native.produce(
      topic,
      records.partitions === null ? null : (records.partitions[index] as number),
      bytesOf(data, valueStart[index] as number, valueSize[index] as number),
      bytesOf(data, keyStart[index] as number, keySize[index] as number),
      timestamp,
      undefined,
      (records.headersSize[index] as number) === 0 ? undefined : headersOf(records, index),
    )
  }

  async #sendWaiting(): Promise<void> {
    // `#room` is set while somebody looks at what waits, and no longer.
    await Promise.resolve()
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      first.next = this.#send(first.records, first.next)
      if (first.next === first.records.count) this.#waiting.shift()
      else {
        this.#native.poll()
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    }
    this.#room = null
  }

  #fail(error: unknown, topic?: string, partition: number | null = null): void {
    if (this.#failure !== null && (!this.#isVague || isVague(error))) return
    this.#isVague = isVague(error)
    this.#failure = this.failureOf(error, topic, partition)
  }

  /** That records were not written, with what can be done. */
  failureOf(error: unknown, topic?: string, partition: number | null = null): MillraceError {
    return deliveryFailure(error, this.#redact, topic, partition)
  }
}

const TIMESTAMP_ZERO =
  'its timestamp is 0 (1970-01-01), and librdkafka would write the current time instead. ' +
  'Give the record another timestamp, or drop it'

/** After these the client writes nothing more. */
const ENDS: ReadonlySet<number> = new Set([CODE.fatal, CODE.gapless])

/** Null stays null and empty stays empty, which the client cares for only with care. */
function bytesOf(data: Buffer, start: number, size: number): Buffer | null {
  if (size < 0) return null
  return size === 0 ? EMPTY : data.subarray(start, start + size)
}

function headersOf(records: OutgoingRecords, index: number): NativeHeader[] {
  const headers = decodeHeaders(records, index)
  const cut = headers.find(isCutName)
  if (cut === undefined) return toNativeHeaders(headers)
  throw new Error(
    `the name of its header ${JSON.stringify(cut.name)} holds a null character, and the client ` +
      'would cut it there. Use another name',
  )
}
