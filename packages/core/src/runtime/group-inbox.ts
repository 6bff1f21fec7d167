/**
 * What the group tells, kept until the run's loop is between two batches.
 *
 * The group calls at any time; the loop empties the inbox in order. A revocation or loss is
 * answered when its tasks are closed. A run that stops gives its partitions up after its last
 * commit, which would be refused without them; and it answers everything, as a group that waits for
 * ever would hang.
 */
import type { TopicPartition } from '../record/topic-partition.ts'
import type { GroupOptions } from '../transport/transport.ts'

type Partitions = readonly TopicPartition[]

export interface GroupWork {
  readonly assigned: (partitions: Partitions) => Promise<void>
  readonly revoked: (partitions: Partitions) => Promise<void>
  readonly lost: (partitions: Partitions) => Promise<void>
}

export class GroupInbox {
  readonly #work: GroupWork
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #unanswered = new Set<() => void>()
  #isStopping = false
  #isClosed = false
  #wake: () => void = () => {}

  constructor(work: GroupWork) {
    this.#work = work
  }

  get isFull(): boolean {
    return this.#waiting.length > 0
  }

  handlers(): Pick<GroupOptions, 'onAssigned' | 'onRevoked' | 'onLost' | 'onError'> {
    return {
      onAssigned: partitions => this.#put(() => this.#work.assigned(partitions)),
      onRevoked: partitions =>
        this.#answer(!this.#isStopping, () => this.#work.revoked(partitions)),
      onLost: partitions => this.#answer(true, () => this.#work.lost(partitions)),
      onError: error => this.#put(() => Promise.reject(error)),
    }
  }

  /** Does all that waits, in order. */
  async empty(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next()
    }
  }

  /** Resolves when something is put in, or somebody calls `wake`. */
  woken(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  wake(): void {
    this.#wake()
  }

  /** From here on revocations wait for `close`. */
  stop(): void {
    this.#isStopping = true
  }

  /** Answers everything; what comes later is answered at once. */
  close(): void {
    this.#isClosed = true
    for (const answer of this.#unanswered) answer()
    this.#unanswered.clear()
  }

  #put(work: () => Promise<void>): void {
    this.#waiting.push(work)
    this.#wake()
  }

  /** @param isDone false: it is answered by `close` alone. */
  #answer(isDone: boolean, work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise(resolve => {
      this.#unanswered.add(resolve)
      if (!isDone) return
      this.#put(async () => {
        await work()
        this.#unanswered.delete(resolve)
        resolve()
      })
    })
  }
}
