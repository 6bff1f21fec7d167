/**
 * Writes the input at a steady pace, whatever happens to those who read it. The client sends again
 * what a broker that was away has not taken, in order and once.
 */
import { answer, type ClientProducer, connectProducer, disconnected } from '../kafka-client.ts'
import { type InputTraits, inputRecord } from './input.ts'
import type { ClientSettings } from './story.ts'

const TICK_MS = 50
const FLUSH_MS = 60_000

export class Feeder {
  /** Records handed to the client. */
  count = 0
  readonly #topic: string
  readonly #traits: InputTraits
  readonly #producer: ClientProducer
  readonly #startedAt: number = performance.now()
  readonly #timer: NodeJS.Timeout
  #failure: Error | null = null

  private constructor(topic: string, traits: InputTraits, producer: ClientProducer) {
    this.#topic = topic
    this.#traits = traits
    this.#producer = producer
    producer.on('delivery-report', error => {
      if (error) this.#failure ??= error
    })
    producer.setPollInterval(TICK_MS)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  static async start(
    settings: ClientSettings,
    topic: string,
    traits: InputTraits,
  ): Promise<Feeder> {
    return new Feeder(topic, traits, await connectProducer(settings))
  }

  /** Ends the input; gives the number of its records when the broker has them all. */
  async end(): Promise<number> {
    clearInterval(this.#timer)
    await answer<void>(done => this.#producer.flush(FLUSH_MS, done))
    await this.close()
    if (this.#failure !== null) {
      throw new Error(`the input could not be written: ${this.#failure.message}`)
    }
    return this.count
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await disconnected(this.#producer)
  }

  #tick(): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const due = Math.floor(seconds * this.#traits.perSecond)
    while (this.count < due) {
      const { key, value, timestamp } = inputRecord(this.count, this.#traits)
      this.#producer.produce(this.#topic, null, Buffer.from(value), Buffer.from(key), timestamp)
      this.count++
    }
  }
}
