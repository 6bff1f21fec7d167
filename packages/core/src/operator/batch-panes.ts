/**
 * What a batch adds to overlapping windows, put together before it goes into them.
 *
 * Records of one key between two starts of windows are in the same windows. So they are added to
 * one accumulator of the batch, and that is merged into each window: a record costs one addition
 * instead of size / step. By the laws of aggregates the result is the same.
 *
 * Perf: hopping 10 s by 1 s, 100 keys, count, sum and mean, the operator alone: 0.29 million
 * records a second without, 1.1 to 1.4 with it, on an AMD EPYC, one after the other.
 */
import { isShared } from '../aggregate/shared-state.ts'
import type { LayeredStore } from '../state/layered-store.ts'
import type { TimeWindow } from '../window/window.ts'
import { type Accumulator, newAccumulator } from './accumulator.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import type { WindowUpdates } from './window-updates.ts'

/** With more keys than this part of the records, adding to each window is cheaper. */
const KEYS_MAX = 0.5

type BatchAggregate = WindowAggregateOptions['aggregates'][number]

export class BatchPanes {
  readonly #aggregates: readonly BatchAggregate[]
  readonly #window: TimeWindow
  /** By the end of the last window that the records are in, then by key. */
  readonly #panes = new Map<number, Map<string, Accumulator>>()
  #keys = 0
  #records = 0
  /** The last batch had few keys for its records. */
  #isWorth = true
  /** Batches since it was last tried. */
  #passed = 0

  constructor({ aggregates, window }: WindowAggregateOptions) {
    this.#aggregates = aggregates
    this.#window = window
  }

  /** To be asked once per batch: it is used for the whole batch or not at all. */
  begin(): boolean {
    const { sizeMs, stepMs } = this.#window
    if (sizeMs < 2 * stepMs || sizeMs % stepMs !== 0) return false
    this.#passed++
    return this.#isWorth || this.#passed % 64 === 0
  }

  /** The accumulator of records that are in the window that ends there and in all before it. */
  at(lastEnd: number, key: string): Accumulator {
    this.#records++
    let pane = this.#panes.get(lastEnd)
    if (pane === undefined) {
      pane = new Map()
      this.#panes.set(lastEnd, pane)
    }
    const known = pane.get(key)
    if (known !== undefined) return known
    this.#keys++
    const made = newAccumulator(this.#aggregates)
    pane.set(key, made)
    return made
  }

  /** Merges everything into the windows. */
  end(store: LayeredStore<Accumulator>, updates: WindowUpdates | null): void {
    const { sizeMs, stepMs } = this.#window
    const make = (): Accumulator => newAccumulator(this.#aggregates)
    for (const [lastEnd, pane] of this.#panes) {
      for (let end = lastEnd; end > lastEnd - sizeMs; end -= stepMs) {
        const bucket = store.bucket(end)
        for (const [key, added] of pane) {
          this.#merge(store.change(bucket, key, make), added)
          updates?.changed(end, key)
        }
      }
    }
    this.#panes.clear()
    this.#isWorth = this.#keys <= this.#records * KEYS_MAX
    this.#keys = 0
    this.#records = 0
  }

  #merge(into: Accumulator, added: Accumulator): void {
    const { states } = into
    for (let i = 0; i < states.length; i++) {
      const { aggregator, twin } = this.#aggregates[i] as BatchAggregate
      if (isShared(states, i, twin)) continue
      states[i] = aggregator.merge(states[i], added.states[i])
    }
    if (added.timestamp > into.timestamp) into.timestamp = added.timestamp
    into.isTold = false
  }
}
