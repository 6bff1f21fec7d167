/**
 * The watermark of one task, and its clock decisions.
 *
 * The watermark is that of its input, while the input speaks. When the input is silent (idle by its
 * own decision or by flags in the log) the task moves its watermark itself: from the greatest
 * watermark of the input, by the time the silence has lasted, never beyond the end + grace of its
 * last open window. Such a move is a decision: taken at a barrier, given to the epoch's marker, in
 * force from the first record of the next epoch. The watermark never goes back.
 *
 * So is wall time, for what waits for it: where something is due, the barrier decides what time it
 * is, and what is due by then is done when the next epoch begins.
 */
import type { OpenWindows } from '../operator/operator.ts'
import type { InputProgress, TaskProgress } from './task-progress.ts'

/** Event time of an input: one source partition, or one partition of an internal topic. */
export interface InputClock {
  /** Of what speaks in it; the greatest when nothing does; -Infinity before anything is known. */
  readonly watermark: number
  readonly greatestWatermark: number
  /** In force: nothing is expected until it speaks again. */
  readonly isIdle: boolean
  /** Nothing more comes in this run. */
  readonly isFinal: boolean
  /** Wall time since which it is silent; null while it is not. */
  readonly idleAt: number | null
  /** Decides whether it is idle from here on. */
  barrier(now: number): void
  nextDecisionAt(): number
  /** What a restarted task needs of it. */
  save(): InputProgress
  restore(progress: InputProgress, now: number): void
}

/** What a barrier decided; recorded with the epoch. */
export interface ClockDecision {
  readonly isIdle: boolean
  /** The task's watermark in the next epoch, at least; null = nothing decided. */
  readonly watermark: number | null
  /** Wall time in the next epoch; null = nothing is due. */
  readonly wallTime: number | null
}

/** What waits for time in a task. */
export interface Waits {
  /** Event times; null = nothing does. */
  readonly open: OpenWindows | null
  /** The first wall time; Infinity = nothing does. */
  readonly wallDueAt: number
}

export class TaskClock {
  readonly input: InputClock
  /** In force now. */
  watermark: number = Number.NEGATIVE_INFINITY
  #decided: number | null = null
  #wallTime: number | null = null

  constructor(input: InputClock) {
    this.input = input
  }

  /** Goes on where an earlier run came to; what it had decided of wall time comes into force. */
  restore({ input, watermark, wallTime }: TaskProgress, now: number): void {
    this.input.restore(input, now)
    this.watermark = watermark
    this.#wallTime = wallTime
  }

  /** Follows the input; true when the watermark moved. */
  follow(): boolean {
    return this.#raise(this.input.watermark)
  }

  /** Moves time at the end of a run that closes its windows; true when the watermark moved. */
  reach(watermark: number): boolean {
    return this.#raise(watermark)
  }

  /** Takes the decisions of a barrier. */
  barrier(now: number, { open, wallDueAt }: Waits): ClockDecision {
    this.input.barrier(now)
    this.#decided = this.#moved(now, open)
    this.#wallTime = wallDueAt <= now ? now : null
    return { isIdle: this.input.isIdle, watermark: this.#decided, wallTime: this.#wallTime }
  }

  /** Puts the last decision in force; true when the watermark moved. */
  beginEpoch(): boolean {
    const decided = this.#decided
    this.#decided = null
    return decided !== null && this.#raise(decided)
  }

  /** Takes the decided wall time, which is in force once; null = none was. */
  takeWallTime(): number | null {
    const time = this.#wallTime
    this.#wallTime = null
    return time
  }

  /** The next wall time at which a barrier would decide something new. */
  nextDecisionAt({ open, wallDueAt }: Waits): number {
    return Math.min(wallDueAt, this.#nextMoveAt(open))
  }

  #nextMoveAt(open: OpenWindows | null): number {
    const { input } = this
    if (!input.isIdle || input.isFinal) return input.nextDecisionAt()
    if (open === null || input.idleAt === null) return Number.POSITIVE_INFINITY
    return input.idleAt + Math.max(0, open.firstDue - input.greatestWatermark)
  }

  #moved(now: number, open: OpenWindows | null): number | null {
    const { input } = this
    if (!input.isIdle || input.isFinal || open === null || input.idleAt === null) return null
    const moved = Math.min(input.greatestWatermark + Math.max(0, now - input.idleAt), open.lastDue)
    return moved > this.watermark ? moved : null
  }

  #raise(watermark: number): boolean {
    if (watermark <= this.watermark) return false
    this.watermark = watermark
    return true
  }
}
