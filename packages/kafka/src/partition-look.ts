/**
 * Asks the broker about partitions that are read and have nothing waiting.
 *
 * Before the first record: is the topic there, is the offset within it? The client would say
 * neither, or reset. Afterwards: where are the ends (what a fetcher's progress shows), has
 * retention overtaken us, was the topic deleted or made anew, does a partition stand still although
 * there is more? That last one is assigned anew where it stands.
 */
import { MillraceError } from '@millrace/core'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { PartitionReading } from './partition-reading.ts'
import {
  missingTopic,
  type Overtaken,
  offsetOutOfRange,
  replacedTopic,
} from './reading-failures.ts'

/** Without a record for this long, although there are some, a partition stands still. */
const STALL_MS = 3_000
/** How often topics are looked at for having been made anew. */
const TOPICS_EVERY_MS = 10_000

export class PartitionLook {
  readonly #admin: KafkaAdmin
  readonly #overtaken: Overtaken | undefined
  #topicsAt = 0
  #isSuspicious = false

  constructor(admin: KafkaAdmin, overtaken?: Overtaken) {
    this.#admin = admin
    this.#overtaken = overtaken
  }

  /** The client reported something: the next look asks everything. */
  suspect(): void {
    this.#isSuspicious = true
  }

  /**
   * Looks at all of them, and notes in each what was found.
   * @throws BROKER_UNREACHABLE, BROKER_REFUSED; what concerns one partition is its `failure`
   */
  async at(readings: readonly PartitionReading[]): Promise<void> {
    const isSuspicious = this.#isSuspicious
    this.#isSuspicious = false
    try {
      const there = await this.#lookAtTopics(readings, isSuspicious)
      if (there.length > 0) await this.#lookAtEnds(there, isSuspicious)
    } catch (error) {
      if (isSuspicious) this.#isSuspicious = true
      if (!MillraceError.is(error) || error.code !== 'TOPIC_MISSING') throw error
      // Gone between the two questions: the next look says which.
      this.#isSuspicious = true
    }
  }

  async #lookAtTopics(
    readings: readonly PartitionReading[],
    isSuspicious: boolean,
  ): Promise<readonly PartitionReading[]> {
    const isDue = performance.now() - this.#topicsAt >= TOPICS_EVERY_MS
    if (!isDue && !isSuspicious && readings.every(({ isChecked }) => isChecked)) return readings
    const topics = await this.#admin.topics(readings.map(({ topic }) => topic))
    this.#topicsAt = performance.now()
    for (const reading of readings) {
      const { topic, partition } = reading
      const found = topics.get(topic) ?? null
      if (found === null || partition >= found.partitionCount) {
        reading.failure = missingTopic(reading, found?.partitionCount ?? 0)
      } else if (reading.topicId !== null && reading.topicId !== found.topicId) {
        reading.failure = replacedTopic(reading)
      } else reading.topicId = found.topicId
    }
    return readings.filter(({ failure }) => failure === null)
  }

  async #lookAtEnds(readings: readonly PartitionReading[], isSuspicious: boolean): Promise<void> {
    const askedAt = performance.now()
    const isOld = ({ silentSince }: PartitionReading): boolean => askedAt - silentSince >= STALL_MS
    const needsEarliest = isSuspicious || readings.some(r => !r.isChecked || isBehind(r, isOld(r)))
    const [latest, stable, earliest] = await Promise.all([
      this.#admin.list(readings, 'latest'),
      this.#admin.list(readings, 'stable'),
      needsEarliest ? this.#admin.list(readings, 'earliest') : null,
    ])
    for (const [i, reading] of readings.entries()) {
      const highWatermark = latest[i] as number
      const lastStableOffset = Math.min(stable[i] as number, highWatermark)
      const first = earliest?.[i] ?? 0
      const { position } = reading
      const isBeyond = !reading.isChecked && position > highWatermark
      if (position < first || isBeyond) {
        const isOvertaken = position < first && this.#overtaken !== undefined
        reading.failure = isOvertaken
          ? this.#overtaken(reading, position, first)
          : offsetOutOfRange(reading, position, first, highWatermark)
        continue
      }
      reading.isChecked = true
      reading.seen = { lastStableOffset, highWatermark, askedAt }
      if (isBehind(reading, isOld(reading))) this.#assignAnew(reading)
    }
  }

  #assignAnew(reading: PartitionReading): void {
    reading.isAssigned = false
    reading.silentSince = performance.now()
  }
}

/** Nothing has come for long, although there is more to read. */
function isBehind(reading: PartitionReading, isSilent: boolean): boolean {
  const { seen, position, isAssigned } = reading
  return isSilent && isAssigned && seen !== null && position < seen.lastStableOffset
}
