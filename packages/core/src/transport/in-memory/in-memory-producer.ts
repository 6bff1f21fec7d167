/**
 * Writes to the in-memory broker: records are in the log when `write` returns, `flush` tells of
 * those that are not.
 */
import { MillraceError } from '../../errors.ts'
import { assert } from '../../util/assert.ts'
import { partitionOfKey } from '../../util/murmur2.ts'
import type { OutgoingRecords } from '../raw-records.ts'
import type { Producer } from '../transport.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'

export class InMemoryProducer implements Producer {
  readonly #broker: InMemoryBroker
  /** Per topic, the turn of the next record with a null key. */
  readonly #turns = new Map<string, number>()
  /** The first failure since the last flush. */
  #failure: MillraceError | null = null
  #isClosed = false

  constructor(broker: InMemoryBroker) {
    this.#broker = broker
  }

  write(records: OutgoingRecords): undefined {
    assert(!this.#isClosed, 'nothing is written to a closed producer')
    try {
      this.#broker.reach()
      for (let i = 0; i < records.count; i++) this.#deliver(records, i)
    } catch (cause) {
      this.#fail(records.topic, cause)
    }
    this.#broker.changes.notify()
    return undefined
  }

  flush(): Promise<void> {
    const failure = this.#failure
    this.#failure = null
    return failure === null ? Promise.resolve() : Promise.reject(failure)
  }

  close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }

  #deliver(records: OutgoingRecords, index: number): void {
    const { topic } = records
    const partition = this.#partitionOf(records, index)
    if (!this.#broker.deliver(topic, partition, records, index)) this.#fail(topic, undefined)
  }

  #partitionOf(records: OutgoingRecords, index: number): number {
    if (records.partitions !== null) return records.partitions[index] as number
    const partitionCount = this.#broker.partitionCount(records.topic) ?? 1
    const keySize = records.keySize[index] as number
    if (keySize >= 0) {
      return partitionOfKey(
        records.data,
        records.keyStart[index] as number,
        keySize,
        partitionCount,
      )
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
