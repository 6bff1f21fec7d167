/**
 * Between rows and requests: sends rows of a partition as unlogged batches under a byte bound,
 * small ones of several partitions together, so many at once as the server bears, and tries again
 * what may go through later.
 *
 *   add ─► group of its key ─► ready ─► request ─► acknowledged
 *              ▲                          │ ├─ may pass: again after a pause, up to `retryForMs`
 *              └─ rows that came meanwhile │ ├─ refused: halved until the bad row is alone
 *                                           └─ fatal: everything that waits fails
 *
 * Where order counts (`isOrdered`) a group has one request at a time; what comes meanwhile
 * waits in it: so rows of a key stay in order, and batches grow by themselves when the server is
 * slow.
 */
import { type Clock, MillraceError } from '@millrace/core'
import { Concurrency, type ConcurrencyBounds } from './concurrency.ts'
import { failureKind, failureText, isForgotten, isOverload } from './failure-kind.ts'
import type { OutRow } from './out-row.ts'
import { Rate } from './rate.ts'
import { type RowGroup, RowGroups } from './row-groups.ts'

export interface DispatcherOptions {
  /** Sends rows of one partition; false = a condition kept the (one) row out. */
  readonly send: (rows: readonly OutRow[]) => Promise<boolean>
  /** The server refused a row: throws when it would refuse every row. */
  readonly explain: (error: unknown) => Promise<void>
  readonly warn: (text: string) => void
  readonly clock: Clock
  readonly concurrency: ConcurrencyBounds
  readonly rateMax: number
  readonly batchBytesMax: number
  readonly batchRowsMax: number
  readonly bufferBytesMax: number
  readonly retryForMs: number
  readonly isOrdered: boolean
  /** Names the nodes that keep the partition of a key; null = it shares requests with no other. */
  readonly nodesOf: (key: string) => string | null
}

/**
 * While less than `FILL_BYTES` wait, few requests are on their way, so that groups fill: a batch of
 * ten rows costs a server little more than one row.
 */
const EAGER = 16
const FILL_BYTES = 2 * 1024 * 1024
/** Of a row beside its values: what it costs while it waits. */
const ROW_BYTES = 100
/**
 * Partitions that the same nodes keep share a request up to there: below what a server warns of by
 * default (`batch_size_warn_threshold`, `unlogged_batch_across_partitions_warn_threshold`).
 */
const SHARED_WEIGHT_MAX = 5 * 1024
const SHARED_GROUPS_MAX = 10
const PAUSE_MS = 50
const PAUSE_MAX_MS = 5_000
const WARN_EVERY_MS = 10_000

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #concurrency: Concurrency
  readonly #rate: Rate
  readonly #groups: RowGroups
  #requests = 0
  /** Who waits for what is on its way. */
  #flushes = 0
  #bytes = 0
  #failure: MillraceError | null = null
  #waiting: (() => void)[] = []
  #warnedAt = Number.NEGATIVE_INFINITY
  #waitsFor: string | null = null

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#concurrency = new Concurrency(options.concurrency)
    this.#rate = new Rate(options.rateMax, options.clock)
    const { isOrdered, nodesOf } = options
    const mayGo = ({ requests }: RowGroup): boolean => !isOrdered || requests === 0
    this.#groups = new RowGroups({ nodesOf, mayGo })
  }

  /** Why nothing will be written any more. */
  get failure(): MillraceError | null {
    return this.#failure
  }

  /** Why the last request did not go through; null = it did. */
  get waitsFor(): string | null {
    return this.#waitsFor
  }

  get isFull(): boolean {
    return this.#bytes >= this.#options.bufferBytesMax
  }

  /** Requests that may be on their way at this moment. */
  get limit(): number {
    return this.#concurrency.limit
  }

  add(row: OutRow): void {
    this.#groups.add(row)
    this.#bytes += row.size + ROW_BYTES
  }

  /** Sends what may be sent. Called after rows were added, so that they go together. */
  pump(): void {
    while (this.#requests < this.#allowed && this.#groups.hasReady) {
      const group = this.#groups.take()
      const groups = [group]
      const rows = this.#take(group)
      this.#share(groups, rows)
      for (const each of groups) {
        each.requests++
        this.#groups.offer(each)
      }
      this.#requests++
      void this.#request(rows).then(() => this.#done(groups))
    }
  }

  /** Resolves when there is room again. @throws what failed */
  async room(): Promise<void> {
    const half = this.#options.bufferBytesMax / 2
    await this.until(() => this.#bytes <= half)
  }

  /** Waits for a condition that changes with answers. @throws what failed */
  async until(condition: () => boolean): Promise<void> {
    while (this.#failure === null && !condition()) {
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    if (this.#failure !== null) throw this.#failure
  }

  /** Sends everything as fast as it goes until a condition holds. @throws what failed */
  async flushed(condition: () => boolean): Promise<void> {
    this.#flushes++
    try {
      this.pump()
      await this.until(condition)
    } finally {
      this.#flushes--
    }
  }

  get #allowed(): number {
    const { limit } = this.#concurrency
    const fills = Math.min(FILL_BYTES, this.#options.bufferBytesMax / 2)
    return this.#flushes > 0 || this.#bytes >= fills ? limit : Math.min(limit, EAGER)
  }

  /** Takes the rows of a group that go in one request. */
  #take(group: RowGroup): OutRow[] {
    const { batchBytesMax, batchRowsMax } = this.#options
    const { rows } = group
    let count = 1
    let { size, weight } = rows[0] as OutRow
    while (count < rows.length && count < batchRowsMax) {
      const row = rows[count] as OutRow
      size += row.size
      if (size > batchBytesMax) break
      weight += row.weight
      count++
    }
    group.rows = rows.slice(count)
    group.weight -= weight
    return count === rows.length ? rows : rows.slice(0, count)
  }

  /** Adds other partitions to a small request. */
  #share(groups: RowGroup[], rows: OutRow[]): void {
    let left = SHARED_WEIGHT_MAX
    for (const row of rows) left -= row.weight
    const [first] = groups as [RowGroup]
    while (groups.length < SHARED_GROUPS_MAX) {
      const other = this.#groups.takeBeside(first, left)
      if (other === null) return
      left -= other.weight
      for (const row of other.rows) rows.push(row)
      other.rows = []
      other.weight = 0
      groups.push(other)
    }
  }

  #done(groups: readonly RowGroup[]): void {
    this.#requests--
    for (const group of groups) {
      group.requests--
      this.#groups.offer(group)
    }
    this.pump()
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Sends rows until each is acknowledged, refused, or nobody's any more. Never rejects. */
  async #request(rows: readonly OutRow[]): Promise<void> {
    try {
      await this.#attempt(rows)
    } catch (error) {
      this.#fail(error)
    } finally {
      for (const { size } of rows) this.#bytes -= size + ROW_BYTES
    }
  }

  async #attempt(rows: readonly OutRow[]): Promise<void> {
    let since: number | null = null
    for (let tries = 0; ; tries++) {
      const open = rows.every(isOpen) ? rows : rows.filter(isOpen)
      if (open.length === 0) this.#waitsFor = null
      if (open.length === 0 || this.#failure !== null) return
      const turn = this.#rate.take(open.length)
      if (turn !== undefined) await turn
      const error = await this.#sent(open)
      if (error === null) return
      if (failureKind(error) === 'retry') {
        if (isForgotten(error)) await this.#options.explain(error)
        since ??= this.#options.clock.now()
        await this.#pause(error, since, tries)
      } else if (failureKind(error) === 'fatal') throw refusedAltogether(error)
      else return this.#split(open, error)
    }
  }

  /** One try; gives what failed, or null. */
  async #sent(rows: readonly OutRow[]): Promise<unknown> {
    const began = performance.now()
    try {
      const isApplied = await this.#options.send(rows)
      this.#concurrency.answered(performance.now() - began)
      this.#waitsFor = null
      for (const row of rows) {
        if (isApplied) row.owner.acknowledged(row)
        else row.owner.notApplied(row)
      }
      return null
    } catch (error) {
      if (isOverload(error)) this.#concurrency.overloaded()
      return error ?? new Error('nothing')
    }
  }

  /** A bad row is found by halving, and the others are written. */
  async #split(rows: readonly OutRow[], error: unknown): Promise<void> {
    const [first] = rows as [OutRow]
    if (rows.length === 1) {
      await this.#options.explain(error)
      first.owner.refused(first, error)
      return
    }
    const half = rows.length >> 1
    await this.#attempt(rows.slice(0, half))
    await this.#attempt(rows.slice(half))
  }

  async #pause(error: unknown, since: number, tries: number): Promise<void> {
    const { clock, retryForMs, warn } = this.#options
    const now = clock.now()
    const forMs = now - since
    if (forMs >= retryForMs) throw givenUp(error, forMs)
    this.#waitsFor = `Cassandra does not take rows: ${failureText(error)}`
    if (now - this.#warnedAt >= WARN_EVERY_MS) {
      this.#warnedAt = now
      warn(`${this.#waitsFor}. Trying again, for ${seconds(retryForMs - forMs)} more.`)
    }
    const most = Math.min(PAUSE_MS * 2 ** Math.min(tries, 10), PAUSE_MAX_MS)
    // Not all at once: those who wait would come together again.
    await clock.sleep(Math.ceil(most * (0.5 + Math.random() / 2)))
  }

  #fail(error: unknown): void {
    this.#failure ??= MillraceError.is(error) ? error : refusedAltogether(error)
    this.#wake()
  }
}

function isOpen({ owner }: OutRow): boolean {
  return owner.isOpen
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}

function givenUp(error: unknown, forMs: number): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `Cassandra has taken no rows for ${seconds(forMs)}, which is as long as retryFor allows: ` +
      `${failureText(error)}. Nothing after the last committed epoch is lost: it is written ` +
      'again at the next start.',
    { cause: error },
  )
}

function refusedAltogether(error: unknown): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `Cassandra refuses: ${failureText(error)}. Nothing after the last committed epoch is lost: ` +
      'it is written again at the next start.',
    { cause: error },
  )
}
