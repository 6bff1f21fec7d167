/**
 * Which keys have something due, and when: an index beside the states of a `process` step, with one
 * entry per (time, key).
 *
 * It only says where to look; what is due stands in the state of the key. An entry may be left that
 * nothing is behind any more: taking one away that is not in memory is not worth asking for it.
 */
import { expectVersion } from '../record/format/format-check.ts'
import type { ValueCodec } from '../state/cells.ts'
import { LayeredStore } from '../state/layered-store.ts'
import type { StateMemory } from '../state/state-memory.ts'
import { assert } from '../util/assert.ts'

export const DUE_CODEC: ValueCodec<true> = {
  weight: { bytes: 0, perByte: 1 },
  write: (_, out) => out.byte(1),
  read: from => {
    expectVersion(from, 1, 'due entry')
    return true
  },
}

export class DueIndex {
  readonly store: LayeredStore<true>
  /** Taken from the store for the batch at hand: by time, in order. */
  readonly #ready = new Map<number, Set<string>>()

  /** @param store its number in the task. */
  constructor(store: number, memory: StateMemory) {
    this.store = new LayeredStore({ store, codec: DUE_CODEC, memory })
  }

  /** The first time at which something may be due; Infinity = none. */
  get first(): number {
    const [ready = Number.POSITIVE_INFINITY] = this.#ready.keys()
    return Math.min(ready, this.store.smallestBucket() ?? Number.POSITIVE_INFINITY)
  }

  get last(): number {
    return this.store.greatestBucket() ?? Number.NEGATIVE_INFINITY
  }

  /** Keys that were made ready. */
  get ready(): string[] {
    return [...this.#ready.values()].flatMap(keys => [...keys])
  }

  /** Brings into memory what is due until then, so that `take` has it; undefined = it is there. */
  makeReady(until: number): Promise<void> | undefined {
    for (let due = this.#nextOf(until); due !== undefined; due = this.#nextOf(until)) {
      const taken = this.store.takeWhole(due)
      if (taken === null) return this.#makeReadyPaged(until)
      this.#add(due, taken)
    }
    return undefined
  }

  /** Everything of this time is in memory. */
  isNear(due: number): boolean {
    return this.#ready.has(due) || this.store.isWhole(due)
  }

  /** Takes all keys that have something due at a time that is near, in the order of their bytes. */
  take(due: number): string[] {
    const ready = this.#ready.get(due) ?? new Set()
    this.#ready.delete(due)
    const taken = this.store.takeWhole(due)
    assert(taken !== null, 'what is due was brought into memory')
    for (const [key] of taken) ready.add(key)
    return [...ready].sort()
  }

  /** Takes all keys that have something due at a time, page by page. */
  async *takePages(due: number): AsyncGenerator<string[]> {
    if (this.isNear(due)) yield this.take(due)
    else for await (const page of this.store.takePages(due)) yield page.map(([key]) => key)
  }

  /** The key had something due at the times `before`, and has at the times `after`. */
  move(key: string, before: readonly number[], after: readonly number[]): void {
    for (const due of before) {
      if (after.includes(due)) continue
      this.store.delete(due, key)
      this.#ready.get(due)?.delete(key)
    }
    for (const due of after) {
      const isKnown = this.#ready.get(due)?.has(key) === true || this.store.get(due, key) === true
      if (!isKnown) this.store.set(due, key, true)
    }
  }

  #nextOf(until: number): number | undefined {
    const due = this.store.smallestBucket()
    return due === undefined || due > until ? undefined : due
  }

  async #makeReadyPaged(until: number): Promise<void> {
    for (let due = this.#nextOf(until); due !== undefined; due = this.#nextOf(until)) {
      const whole = this.store.takeWhole(due)
      if (whole !== null) this.#add(due, whole)
      else for await (const page of this.store.takePages(due)) this.#add(due, page)
    }
  }

  #add(due: number, entries: readonly (readonly [key: string, value: true])[]): void {
    const keys = this.#ready.get(due) ?? new Set()
    for (const [key] of entries) keys.add(key)
    if (keys.size > 0) this.#ready.set(due, keys)
  }
}
