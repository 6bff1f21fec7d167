/**
 * A user's functions over keyed records, with state, timers and rows given out.
 *
 * Whatever happens here happens at a time, and in the order of time: before a record is handled,
 * everything due at the watermark in force is done, by time, then key, then name; so how the input
 * was cut changes nothing. Where the task reads a source, that watermark is the one noted on the
 * record, or a later one that was decided; else it is the last one the task came to.
 *
 * A timer fires at its time, before its key expires at the same time; a key that has expired is
 * gone for its records and timers, whenever it is taken out. A call that throws has not happened.
 * Wall timers are due by a recorded decision only; those set in an epoch count from its end.
 */
import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { NO_HEADERS } from '../record/headers.ts'
import type { Timer } from '../state/process-context.ts'
import type { OperatorStore } from '../state/store.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { eachRecord, refusePromise } from './each-record.ts'
import { groupKeysOf, keyOrNone } from './group-keys.ts'
import { keptStates } from './kept-states.ts'
import { isEmpty, type KeyState, type StateKind, stateKinds } from './key-state.ts'
import { KeyedRows, type RowPlace } from './keyed-rows.ts'
import { type Due, KeyedStates } from './keyed-states.ts'
import type {
  EpochEnd,
  KeptRows,
  OpenWindows,
  Operator,
  OperatorContext,
  Output,
} from './operator.ts'
import { ProcessCall } from './process-call.ts'
import type { ProcessOptions } from './process-options.ts'
import { timerError, timerRecord } from './timer-failure.ts'

export class ProcessOperator implements Operator {
  readonly name: string
  readonly keepsOrder = true
  readonly stores: readonly OperatorStore[]
  readonly #options: ProcessOptions
  readonly #kinds: readonly StateKind[]
  readonly #states: KeyedStates
  readonly #rows: KeyedRows
  readonly #call: ProcessCall
  readonly #keyBytes = new ByteWriter()
  #context!: OperatorContext
  /** How far event time has come here. */
  #now = Number.NEGATIVE_INFINITY

  constructor(options: ProcessOptions) {
    const kinds = stateKinds(options.states)
    this.#kinds = kinds
    this.name = options.name
    this.#options = options
    this.#states = new KeyedStates(options, kinds, () => this.#context.count('keys_expired', 1))
    this.stores = this.#states.stores
    this.#rows = new KeyedRows(options.schema, options.batchRecordsMax)
    this.#call = new ProcessCall(options, kinds, this.#rows)
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  /** The states of the batch's keys, and of those that have something due before its end. */
  prefetch(batch: Batch): Promise<void> | undefined {
    const until = this.#timeIn(batch)
    const ready = this.#states.makeReady(until)
    return ready === undefined
      ? this.#fetchStates(batch)
      : ready.then(() => this.#fetchStates(batch))
  }

  process(batch: Batch, output: Output): void {
    const { onError, group } = this.#options
    const { readsSource } = this.#context
    const keyAt = groupKeysOf(batch, group, 'process', this.#keyBytes)
    const rowAt = rowsOf(batch)
    const guard = { step: this.name, policy: onError, context: this.#context }
    let tombstones = 0
    eachRecord(
      batch,
      guard,
      index => this.#handle(batch, index, keyAt(index), rowAt(index)),
      () => {
        tombstones++
      },
      index => {
        this.#reach(readsSource ? (batch.records.watermarks[index] as number) : this.#now)
        this.#rows.flush(output, false)
      },
    )
    this.#reach(this.#timeIn(batch))
    if (tombstones > 0) this.#context.count('tombstones_ignored', tombstones)
    this.#rows.flush(output, true)
  }

  advance(watermark: number, output: Output): number | Promise<number> {
    for (const next of this.#states.dues(watermark)) {
      if (!this.#isNear(next)) return this.#reachPaged(watermark, output).then(() => watermark)
      this.#doNear(next)
    }
    this.#reach(watermark)
    this.#rows.flush(output, true)
    return watermark
  }

  /** Wall time `time` is in force: what is due by then fires. */
  async advanceWall(time: number, output: Output): Promise<void> {
    for (let due = this.#states.wall.first; due <= time; due = this.#states.wall.first) {
      for await (const keys of this.#states.wall.takePages(due)) {
        await this.#states.fetch(keys)
        for (const key of keys) this.#fire('wall', key, due)
        this.#rows.flush(output, true)
        await output.settled()
      }
    }
    this.#reach(this.#now)
    this.#rows.flush(output, true)
  }

  /** Wall time at which the next timer is due. */
  get wallDueAt(): number {
    return this.#states.wall.first
  }

  openWindows(): OpenWindows | null {
    const { first, last } = this.#states.event
    return first === Number.POSITIVE_INFINITY ? null : { firstDue: first, lastDue: last }
  }

  async inspect(): Promise<KeptRows> {
    const { identity, group } = this.#options
    const batch = keptStates(await this.#states.entries(), this.#kinds, group)
    return { name: identity, batches: [batch] }
  }

  /** Wall timers of this epoch begin to count. */
  endEpoch({ at }: EpochEnd): void {
    this.#states.count(at)
  }

  /** How far event time comes with a batch. */
  #timeIn(batch: Batch): number {
    let time = this.#now
    if (!this.#context.readsSource) return time
    const { watermarks } = batch.records
    for (let nth = 0; nth < batch.count; nth++) {
      time = Math.max(time, watermarks[batch.at(nth)] as number)
    }
    return time
  }

  #fetchStates(batch: Batch): Promise<void> | undefined {
    if (this.#states.isWhole) return undefined
    const keyAt = groupKeysOf(batch, this.#options.group, 'process', this.#keyBytes)
    const keys = new Set(this.#states.ready)
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      const key = batch.isTombstone(index) ? undefined : keyOrNone(keyAt, index)
      if (key !== undefined) keys.add(key)
    }
    return this.#states.fetch([...keys])
  }

  /** Nothing need be fetched for what is due. */
  #isNear(next: Due): boolean {
    return this.#states.isWhole && this.#states.indexOf(next).isNear(next.due)
  }

  /** Event time comes to `watermark`: everything due until then is done, in the order of time. */
  #reach(watermark: number): void {
    const until = Math.max(this.#now, watermark)
    for (const next of this.#states.dues(until)) this.#doNear(next)
    this.#now = until
  }

  /** The same, with what is not in memory fetched page by page. */
  async #reachPaged(watermark: number, output: Output): Promise<void> {
    const until = Math.max(this.#now, watermark)
    for (const next of this.#states.dues(until)) {
      for await (const keys of this.#states.indexOf(next).takePages(next.due)) {
        await this.#states.fetch(keys)
        this.#do(next, keys)
        this.#rows.flush(output, false)
        await output.settled()
      }
      this.#now = Math.max(this.#now, next.due)
    }
    this.#now = until
    this.#rows.flush(output, true)
  }

  #doNear(next: Due): void {
    this.#do(next, this.#states.indexOf(next).take(next.due))
    this.#now = Math.max(this.#now, next.due)
  }

  #do({ kind, due }: Due, keys: readonly string[]): void {
    for (const key of keys) {
      if (kind === 'event') this.#fire('event', key, due)
      else this.#states.expire(key, due)
    }
  }

  #handle(batch: Batch, index: number, key: string, row: Row): true {
    const { records } = batch
    const timestamp = records.timestamps[index] as number
    const watermark = records.watermarks[index] as number
    const state = this.#states.at(key, this.#now) ?? this.#states.fresh()
    const place: RowPlace = {
      topic: records.topic,
      partition: records.partition,
      offset: records.offsets[index] as number,
      key: Buffer.from(key, 'latin1'),
      timestamp,
      watermark,
      headers: batch.headers(index),
    }
    const isLate = timestamp < watermark
    const { row: apply } = this.#options.functions
    const before = this.#states.duesOf(state)
    const hasChanged = this.#call.run({ state, place, watermark: this.#now, isLate }, context =>
      refusePromise(apply(row, context)),
    )
    const isTouched = this.#options.ttlMs !== null && !isEmpty(state)
    if (hasChanged || isTouched) {
      state.touched = Math.max(state.touched, timestamp)
      this.#states.keep(key, state, before)
    }
    this.#rows.add(place)
    return true
  }

  #fire(kind: Timer['kind'], key: string, due: number): void {
    for (const name of this.#states.dueNames(kind, key, due)) {
      const at = kind === 'event' ? due : this.#now
      const state = this.#states.at(key, kind === 'event' ? due - 1 : at)
      const timer = state?.timers.get(name)
      if (state === undefined || timer?.kind !== kind || timer.at !== due) continue
      const before = this.#states.duesOf(state)
      this.#call.drop(state, name)
      const place: RowPlace = {
        topic: this.name,
        partition: this.#context.partition,
        offset: -1,
        key: Buffer.from(key, 'latin1'),
        timestamp: kind === 'event' ? due : Math.max(this.#now, state.touched),
        watermark: kind === 'event' ? Math.max(this.#now, due - 1) : this.#now,
        headers: NO_HEADERS,
      }
      this.#runTimer({ name, at: due, kind }, state, place)
      this.#states.keep(key, state, before)
      this.#rows.add(place)
    }
  }

  #runTimer(timer: Timer, state: KeyState, place: RowPlace): void {
    const { functions, onError, group } = this.#options
    const isEvent = timer.kind === 'event'
    const watermark = isEvent ? Math.max(this.#now, timer.at) : this.#now
    const after = isEvent ? timer.at : Number.NEGATIVE_INFINITY
    try {
      this.#call.run({ state, place, watermark, isLate: false, after }, context =>
        refusePromise(functions.timer?.(timer, context)),
      )
      this.#context.count('timers_fired', 1)
    } catch (cause) {
      const { key, timestamp } = place
      const cells = group?.codec.decode(key) ?? []
      const failed = { step: this.name, timer, timestamp, key, names: group?.names ?? null, cells }
      const error = timerError(cause, failed)
      this.#context.recordFailed(error, onError, () => timerRecord(error, failed))
    }
  }
}
