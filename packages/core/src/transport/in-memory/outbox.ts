/**
 * What a producer has taken and not yet brought to the logs.
 *
 * On a clear line a record is in its log when `write` returns. When a test delays the line, records
 * wait here, as in the buffer of a real producer, and arrive in their order. The first failure is
 * kept until it is asked for.
 */
import { MillraceError } from '../../errors.ts'
import { partitionOfKey } from '../../util/murmur2.ts'
import type { OutgoingRecords } from '../raw-records.ts'
import type { ClientLine } from './client-line.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'
import type { PartitionLog } from './partition-log.ts'

export type AppendTo = (log: PartitionLog, records: OutgoingRecords, index: number) => void

export class Outbox {
  readonly #broker: InMemoryBroker
  readonly #line: ClientLine
  readonly #appendTo: AppendTo
  /** Per topic, the turn of the next record with a null key. */
  readonly #turns = new Map<string, number>()
  /** Settles when all that waits has arrived; null = nothing waits. */
  #underWay: Promise<void> | null = null
  #failure: MillraceError | null = null

  constructor(broker: InMemoryBroker, line: ClientLine, appendTo: AppendTo) {
    this.#broker = broker
    this.#line = line
    this.#appendTo = appendTo
  }

  write(records: OutgoingRecords): void {
    const { topic } = records
    const isClear = this.#line.isClear('write') && this.#line.isClear('write', 'after')
    if (isClear && this.#underWay === null) {
      this.#deliverAll(records)
      return
    }
    const kept = copyOf(records)
    const before = this.#underWay ?? Promise.resolve()
    const underWay = before
      .then(() => this.#line.call('write', () => this.#deliverAll(kept)))
      .catch(cause => this.#fail(topic, cause))
      .finally(() => {
        if (this.#underWay === underWay) this.#underWay = null
      })
    this.#underWay = underWay
  }

  /** When everything written so far has arrived or failed. */
  async settled(): Promise<void> {
    await this.#underWay
  }

  /** The first failure since the last call. */
  takeFailure(): MillraceError | null {
    const failure = this.#failure
    this.#failure = null
    return failure
  }

  #deliverAll(records: OutgoingRecords): void {
    try {
      this.#broker.reach()
      for (let i = 0; i < records.count; i++) this.#deliver(records, i)
    } catch (cause) {
      this.#fail(records.topic, cause)
    }
    this.#broker.changes.notify()
  }

  #deliver(records: OutgoingRecords, index: number): void {
    const { topic } = records
    const log = this.#broker.accept(topic, this.#partitionOf(records, index), records, index)
    if (log === null) this.#fail(topic, undefined)
    else this.#appendTo(log, records, index)
  }

  #partitionOf(records: OutgoingRecords, index: number): number {
    if (records.partitions !== null) return records.partitions[index] as number
    const partitionCount = this.#broker.partitionCount(records.topic) ?? 1
    const keySize = records.keySize[index] as number
    if (keySize >= 0) {
      const keyStart = records.keyStart[index] as number
      return partitionOfKey(records.data, keyStart, keySize, partitionCount)
    }
    const turn = this.#turns.get(records.topic) ?? 0
    this.#turns.set(records.topic, turn + 1)
    return turn % partitionCount
  }

  #fail(topic: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : 'the test asked for it.'
    this.#failure ??= new MillraceError(
      'DELIVERY_FAILED',
      `a record was not written: ${reason} The epoch must be repeated.`,
      { topic, cause },
    )
  }
}

/** The caller may use its arrays again when `write` has returned. */
function copyOf(records: OutgoingRecords): OutgoingRecords {
  return {
    topic: records.topic,
    count: records.count,
    data: Buffer.from(records.data),
    partitions: records.partitions?.slice() ?? null,
    keyStart: records.keyStart.slice(),
    keySize: records.keySize.slice(),
    valueStart: records.valueStart.slice(),
    valueSize: records.valueSize.slice(),
    headersStart: records.headersStart.slice(),
    headersSize: records.headersSize.slice(),
    timestamps: records.timestamps.slice(),
  }
}
