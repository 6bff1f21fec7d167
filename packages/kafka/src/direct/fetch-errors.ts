/**
 * What errors of a partition mean for reading it: asked elsewhere, asked again, or not read any
 * more. Codes are those of the protocol.
 */
import type { MillraceError } from '@millrace/core'
import { brokerError, CODE, isMissing, isUnreachable } from '../broker-errors.ts'
import {
  missingTopic,
  type Overtaken,
  offsetOutOfRange,
  replacedTopic,
} from '../reading-failures.ts'
import type { DirectReading } from './direct-reading.ts'
import type { FetchSource } from './fetch-source.ts'

/** A topic that was just made is not known to every broker at once. */
const MISSING_MS = 2_000
/** The topic under this name has another id than before. */
const INCONSISTENT_TOPIC_ID = 103

export class FetchErrors {
  readonly #source: FetchSource
  readonly #overtaken: Overtaken | undefined

  constructor(source: FetchSource, overtaken?: Overtaken) {
    this.#source = source
    this.#overtaken = overtaken
  }

  /** A broker has answered with an error for a partition. */
  async note(reading: DirectReading, code: number): Promise<void> {
    reading.seen = null
    const wasReplica = reading.leaveReplica()
    if (code === CODE.offsetOutOfRange) {
      // A replica may not have come as far as its leader.
      if (!wasReplica) await this.#outOfRange(reading)
    } else if (isUnreachable({ code }) || isMissing({ code }) || code === INCONSISTENT_TOPIC_ID) {
      reading.isLost = true
    } else {
      const { topic, partition, position: offset } = reading
      const error = Object.assign(new Error('the broker refused the partition'), { code })
      const place = { topic, partition, offset }
      reading.failure = brokerError('reading was refused', error, place, 'Read')
    }
  }

  /** The brokers were asked about a reading that was lost. */
  described(reading: DirectReading): void {
    const { topic, partition } = reading
    const known = this.#source.topic(topic) ?? null
    const leader = known?.leaders[partition]
    if (known === null || leader === undefined) {
      reading.missingSince ??= performance.now()
      if (performance.now() - reading.missingSince < MISSING_MS) return
      reading.failure = missingTopic(reading, known?.leaders.length ?? 0)
      return
    }
    if (reading.topicId !== null && reading.topicId !== known.id) {
      reading.failure = replacedTopic(reading)
      return
    }
    reading.missingSince = null
    if (leader !== null) reading.isLost = false
  }

  async #outOfRange(reading: DirectReading): Promise<void> {
    const { fetchOffset } = reading
    let failure: MillraceError
    try {
      const { earliest, latest } = await this.#source.offsets(reading)
      if (fetchOffset >= earliest && fetchOffset <= latest) return
      failure =
        fetchOffset < earliest && this.#overtaken !== undefined
          ? this.#overtaken(reading, fetchOffset, earliest)
          : offsetOutOfRange(reading, fetchOffset, earliest, latest)
    } catch {
      // Whoever was asked does not answer: the next fetch says it again.
      return
    }
    reading.failure = failure
  }
}
