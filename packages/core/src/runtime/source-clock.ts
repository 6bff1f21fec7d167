/**
 * Event time and silence of one source partition.
 *
 * Its watermark is the greatest event time read, less the allowed disorder. It is idle when
 * successful fetches have shown, for `idleMs` without a break, that everything was read: position =
 * last stable offset = high watermark. An open transaction, lag, an error or a pause breaks the
 * silence. Whether it is idle is decided at a barrier only, and a record ends it at once.
 */
import type { FetchProgress } from '../transport/transport.ts'
import type { InputClock } from './task-clock.ts'
import type { InputProgress } from './task-progress.ts'

export class SourceClock implements InputClock {
  watermark: number = Number.NEGATIVE_INFINITY
  isIdle = false
  isFinal = false
  readonly #disorderMs: number
  readonly #idleMs: number
  /** Since when every fetch showed that all was read; null = not now. */
  #quietSince: number | null = null

  /** @param idleMs Infinity = never idle (bounded runs). */
  constructor(disorderMs: number, idleMs: number) {
    this.#disorderMs = disorderMs
    this.#idleMs = idleMs
  }

  get greatestWatermark(): number {
    return this.watermark
  }

  /** When it fell (or would fall) idle; null while it is not quiet. */
  get idleAt(): number | null {
    return this.#quietSince === null ? null : this.#quietSince + this.#idleMs
  }

  /** A record was read; the watermark before it is `watermark` before this call. */
  observe(timestamp: number): void {
    const reached = timestamp - this.#disorderMs
    if (reached > this.watermark) this.watermark = reached
  }

  /** Records were read: silence is over. */
  speak(): void {
    this.isIdle = false
    this.#quietSince = null
  }

  /** What the last fetch showed; null = nothing is known. */
  watch(now: number, progress: FetchProgress | null): void {
    const isQuiet =
      progress !== null &&
      progress.position >= progress.lastStableOffset &&
      progress.lastStableOffset >= progress.highWatermark
    if (!isQuiet) this.#quietSince = null
    else this.#quietSince ??= now
  }

  /** Nothing more comes in this run. */
  end(): void {
    this.isFinal = true
  }

  save(): InputProgress {
    return { watermark: this.watermark, upstreams: [] }
  }

  restore({ watermark }: InputProgress): void {
    this.watermark = watermark
  }

  barrier(now: number): void {
    const at = this.idleAt
    this.isIdle = at !== null && now >= at
  }

  /** The next wall time at which a barrier would find it idle. */
  nextDecisionAt(): number {
    return this.isIdle || this.isFinal
      ? Number.POSITIVE_INFINITY
      : (this.idleAt ?? Number.POSITIVE_INFINITY)
  }
}
