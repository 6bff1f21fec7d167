/**
 * Which windows have changed since their results were last given out, for `updates`.
 *
 * One entry per (window end, group key), kept as state is kept, so that it survives a crash as the
 * change does that it tells of. Where results go out at each commit, an entry comes and goes within
 * an epoch and is never written. The accumulator itself says whether it was told as it is.
 */
import type { KeyTable } from '../state/key-table.ts'
import { LayeredStore } from '../state/layered-store.ts'
import type { StateMemory } from '../state/state-memory.ts'
import { DUE_CODEC } from './due-index.ts'
import type { EpochEnd } from './operator.ts'

export interface UpdatesOptions {
  /** Number of its store in the task. */
  readonly storeId: number
  /** The least wall time between two updates; 0 = at each commit. */
  readonly everyMs: number
}

export class WindowUpdates {
  readonly store: LayeredStore<true>
  readonly #everyMs: number
  /** Wall time of the last update; null = none since the start. */
  #toldAt: number | null = null

  constructor({ storeId, everyMs }: UpdatesOptions, memory: StateMemory) {
    this.store = new LayeredStore({ store: storeId, codec: DUE_CODEC, memory })
    this.#everyMs = everyMs
  }

  /** Wall time at which a barrier would give something out; Infinity = none is needed for it. */
  get dueAt(): number {
    const waits = this.#everyMs > 0 && this.#toldAt !== null && this.#hasAny
    return waits ? (this.#toldAt as number) + this.#everyMs : Number.POSITIVE_INFINITY
  }

  /**
   * Perf: the key goes from table to table as bytes; as text it would be a string a record.
   * @param id of the key in `keys`
   */
  changed(end: number, keys: KeyTable, id: number): void {
    const { store } = this
    const own = store.keys.atKey(keys, id)
    if (store.findKey(end, own) < 0) store.cells.set(store.change(store.bucket(end), own), true)
  }

  /** At a barrier: true when it is time to give out what has changed. */
  begin({ at, isFinal }: EpochEnd): boolean {
    const isDue = this.#toldAt === null || at >= this.#toldAt + this.#everyMs
    if (!this.#hasAny || (!isDue && !isFinal)) return false
    this.#toldAt = at
    return true
  }

  /** Takes what has changed, by window end, then by group key, page by page. */
  async *take(): AsyncGenerator<readonly [end: number, keys: readonly string[]]> {
    for (;;) {
      const end = this.store.smallestBucket()
      if (end === undefined) return
      const whole = this.store.takeWhole(end)
      if (whole !== null) yield [end, whole.map(([key]) => key)]
      else for await (const page of this.store.takePages(end)) yield [end, page.map(([key]) => key)]
    }
  }

  /** A window has closed; a promise when that needs more than memory. */
  closed(end: number): Promise<void> | undefined {
    return this.store.takeWhole(end) === null ? this.#closedPaged(end) : undefined
  }

  get #hasAny(): boolean {
    return this.store.smallestBucket() !== undefined
  }

  async #closedPaged(end: number): Promise<void> {
    const pages = this.store.takePages(end)
    while ((await pages.next()).done !== true);
  }
}
