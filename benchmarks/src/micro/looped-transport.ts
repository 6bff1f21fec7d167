/**
 * A broker whose one topic never ends: the same records again and again, their offsets and times
 * going on. What is written to it is gone. With it a pipeline runs as it does on Kafka, and nothing
 * but the pipeline takes time or memory.
 */
import {
  type Fetcher,
  type FetchProgress,
  type InMemoryBroker,
  inMemory,
  type Producer,
  type RawBatch,
  type TransportFactory,
} from '@millrace/core'

export interface LoopedInput {
  readonly topic: string
  /** From offset 0 on, of partition 0. */
  readonly batches: readonly RawBatch[]
  /** Event time from the beginning of one turn to that of the next, milliseconds. */
  readonly turnMs: number
  /** Told before each batch is given. */
  readonly onPoll: () => void
}

const NOWHERE: Producer = {
  write: () => undefined,
  flush: async () => {},
  close: async () => {},
}

/** @param broker has the topics. */
export function loopedTransport(broker: InMemoryBroker, input: LoopedInput): TransportFactory {
  return {
    create(context) {
      const inner = inMemory(broker).create(context)
      return {
        name: 'looped',
        abilities: { ...inner.abilities, transactions: false },
        admin: inner.admin,
        open: () => inner.open(),
        joinGroup: options => inner.joinGroup(options),
        createFetcher: async () => new LoopedFetcher(input),
        createProducer: async () => NOWHERE,
        close: () => inner.close(),
      }
    },
  }
}

class LoopedFetcher implements Fetcher {
  readonly #input: LoopedInput
  readonly #recordsOfTurn: number
  #isReading = false
  #nth = 0

  constructor(input: LoopedInput) {
    this.#input = input
    this.#recordsOfTurn = input.batches.reduce((sum, { count }) => sum + count, 0)
  }

  add(): void {
    this.#isReading = true
  }

  remove(): void {
    this.#isReading = false
  }

  pause(): void {
    this.#isReading = false
  }

  resume(): void {
    this.#isReading = true
  }

  async poll(timeoutMs: number): Promise<RawBatch | null> {
    if (!this.#isReading) {
      await new Promise(resolve => setTimeout(resolve, timeoutMs))
      return null
    }
    const { batches, turnMs, onPoll } = this.#input
    onPoll()
    const turn = Math.floor(this.#nth / batches.length)
    const batch = batches[this.#nth++ % batches.length] as RawBatch
    if (turn === 0) return batch
    const offset = turn * this.#recordsOfTurn
    return {
      ...batch,
      offsets: moved(batch.offsets, offset),
      timestamps: moved(batch.timestamps, turn * turnMs),
      nextOffset: batch.nextOffset + offset,
    }
  }

  /** Never at its end. */
  progress(): FetchProgress | null {
    return null
  }

  async close(): Promise<void> {
    this.#isReading = false
  }
}

/** `map` would make an object of each number. */
function moved(numbers: Float64Array, by: number): Float64Array {
  const result = new Float64Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) result[i] = (numbers[i] as number) + by
  return result
}
