/**
 * Event time of an internal topic: what all upstream tasks have said in watermark records.
 *
 * The number of upstream tasks is known from the plan, so a task that has not spoken yet holds the
 * watermark. Flags travel in the log, so they are in force where they stand in it.
 */

import { MillraceError } from '../errors.ts'
import type { WatermarkRecord } from '../record/format/watermark-record.ts'
import type { InputClock } from './task-clock.ts'
import type { InputProgress } from './task-progress.ts'

interface Upstream {
  watermark: number
  isIdle: boolean
  isFinal: boolean
}

export class UpstreamClock implements InputClock {
  readonly #upstreams: Upstream[]
  /** Rows came after the last word of an upstream task. */
  #hasSpoken = false
  /** Wall time at which the last flag of silence was read. */
  idleAt: number | null = null

  constructor(upstreamCount: number) {
    this.#upstreams = Array.from({ length: upstreamCount }, () => ({
      watermark: Number.NEGATIVE_INFINITY,
      isIdle: false,
      isFinal: false,
    }))
  }

  get watermark(): number {
    const speaking = this.#upstreams.filter(({ isIdle, isFinal }) => !isIdle && !isFinal)
    if (speaking.length === 0) return this.greatestWatermark
    return Math.min(...speaking.map(({ watermark }) => watermark))
  }

  get greatestWatermark(): number {
    return Math.max(...this.#upstreams.map(({ watermark }) => watermark))
  }

  get isIdle(): boolean {
    if (this.#hasSpoken) return false
    return this.#upstreams.every(({ isIdle, isFinal }) => isIdle || isFinal)
  }

  get isFinal(): boolean {
    return this.#upstreams.every(({ isFinal }) => isFinal)
  }

  /** Rows were read: silence is over until an upstream task says otherwise. */
  speak(): void {
    this.#hasSpoken = true
    this.idleAt = null
  }

  /**
   * Takes what an upstream task said.
   * @param isCurrent false for a record of an earlier run. The last word of such a run is passed
   * over: it may have brought time to its end, and this run goes on.
   */
  hear(record: WatermarkRecord, now: number, isCurrent: boolean): void {
    const upstream = this.#upstreams[record.task]
    // Fewer: written before the input got more partitions.
    if (upstream === undefined || record.taskCount > this.#upstreams.length) {
      throw new MillraceError(
        'PARTITIONS_CHANGED',
        `an internal topic was written by ${record.taskCount} tasks and is read as of ` +
          `${this.#upstreams.length}: ` +
          'the partition count of an input has changed. Go back to the old count, or start ' +
          'under a new application id.',
      )
    }
    if (record.isFinal && !isCurrent) return
    const wasIdle = this.isIdle
    this.#hasSpoken = false
    upstream.watermark = Math.max(upstream.watermark, record.watermark)
    upstream.isIdle = record.isIdle
    upstream.isFinal = record.isFinal
    if (!this.isIdle) this.idleAt = null
    else if (!wasIdle) this.idleAt = now
  }

  save(): InputProgress {
    return { watermark: this.watermark, upstreams: this.#upstreams.map(each => ({ ...each })) }
  }

  /** What was said stays said; a silence that lasts begins to count anew. */
  restore({ upstreams }: InputProgress, now: number): void {
    for (const [task, { watermark, isIdle }] of upstreams.entries()) {
      const upstream = this.#upstreams[task]
      if (upstream !== undefined) Object.assign(upstream, { watermark, isIdle })
    }
    this.idleAt = this.isIdle ? now : null
  }

  barrier(): void {}

  nextDecisionAt(): number {
    return Number.POSITIVE_INFINITY
  }
}
