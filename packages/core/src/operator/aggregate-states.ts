/**
 * The states of an aggregate, which may be those of an earlier one over the same column
 * (aggregate/shared-state.ts).
 *
 * States that are stored are stored apart, and those of a changed program may differ when they come
 * back. The few that do are kept apart.
 */

import type { Aggregator } from '../aggregate/aggregator.ts'
import { ObjectStates, type States } from '../aggregate/states.ts'
import type { CellValue, Column } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import type { DataType } from '../schema/data-type.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'

export class AggregateStates {
  readonly aggregator: Aggregator
  readonly #states: States
  /** The states are those of another aggregate, which sees to them. */
  readonly #isShared: boolean
  #apart: States | null = null
  readonly #apartSlots = new Set<number>()
  #capacity = 0

  /** @param twin the aggregate whose states serve this one; null = none */
  constructor(aggregator: Aggregator, twin: AggregateStates | null) {
    this.aggregator = aggregator
    this.#isShared = twin !== null
    this.#states = twin === null ? statesOf(aggregator) : twin.#states
  }

  resize(capacity: number): void {
    this.#capacity = capacity
    if (!this.#isShared) this.#states.resize(capacity)
    this.#apart?.resize(capacity)
  }

  init(slot: number): void {
    if (!this.#isShared) this.#states.init(slot)
  }

  clear(slot: number): void {
    if (!this.#isShared) this.#states.clear(slot)
    else if (this.#apartSlots.delete(slot)) this.#apart?.clear(slot)
  }

  /** The first half of `put`: what may fail. `slot` -1 = nothing was added before. */
  next(slot: number, value: Exclude<CellValue, null>): unknown {
    if (this.#isShared && !this.#apartSlots.has(slot)) return undefined
    const states = this.#at(slot)
    return states instanceof ObjectStates ? states.next(slot, value) : undefined
  }

  /** @param next what `next` gave for the value */
  put(slot: number, value: Exclude<CellValue, null>, next: unknown): void {
    if (this.#isShared && !this.#apartSlots.has(slot)) return
    const states = this.#at(slot)
    if (states instanceof ObjectStates) states.put(slot, next)
    else states.add(slot, value)
  }

  /** As `States.addAll`. */
  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    if (!this.#isShared) this.#states.addAll(slots, indices, count, column)
    else if (this.#apartSlots.size > 0) this.#addApart(slots, indices, count, column)
  }

  /** Adds what a group has that nothing is kept apart of. */
  merge(slot: number, from: AggregateStates, fromSlot: number): void {
    if (this.#isShared && !this.#apartSlots.has(slot)) return
    this.#at(slot).merge(slot, from.#states, fromSlot)
  }

  /** @throws OVERFLOW, and what the functions of a user throw */
  result(slot: number): CellValue {
    const states = this.#at(slot)
    const { aggregator } = this
    if (states instanceof ObjectStates) return aggregator.result(states.get(slot))
    return (aggregator.inArrays as NonNullable<Aggregator['inArrays']>).result(states, slot)
  }

  /**
   * The results at these slots as a column of their type.
   * @throws where one of them does
   */
  column(slots: Int32Array, type: DataType): Column {
    const results = this.aggregator.inArrays?.results
    const isWhole = results !== undefined && this.#apartSlots.size === 0
    const column = isWhole ? results(this.#states, slots, type) : null
    if (column !== null) return column
    const builder = columnBuilder(type)
    for (const slot of slots) builder.append(this.result(slot))
    return builder.build()
  }

  /** One cell, or as many as the aggregate has columns. */
  results(slot: number): readonly CellValue[] {
    const states = this.#at(slot)
    const { results } = this.aggregator
    return results !== undefined && states instanceof ObjectStates
      ? results(states.get(slot))
      : [this.result(slot)]
  }

  write(slot: number, out: ByteWriter): void {
    this.#at(slot).write(slot, out)
  }

  read(slot: number, from: ByteReader): void {
    if (!this.#isShared) {
      this.#states.read(slot, from)
      return
    }
    this.#apart ??= this.#newApart()
    this.#apart.read(slot, from)
    if (storedForm(this.#apart, slot).equals(storedForm(this.#states, slot))) {
      this.#apart.clear(slot)
    } else this.#apartSlots.add(slot)
  }

  #at(slot: number): States {
    return this.#apartSlots.size > 0 && this.#apartSlots.has(slot)
      ? (this.#apart as States)
      : this.#states
  }

  #newApart(): States {
    const states = statesOf(this.aggregator)
    states.resize(this.#capacity)
    return states
  }

  #addApart(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    const places: number[] = []
    for (let i = 0; i < count; i++) if (this.#apartSlots.has(slots[i] as number)) places.push(i)
    const of = (array: Int32Array): Int32Array =>
      Int32Array.from(places, place => array[place] as number)
    this.#apart?.addAll(of(slots), of(indices), places.length, column)
  }
}

function statesOf(aggregator: Aggregator): States {
  return (aggregator.inArrays?.make() as States | undefined) ?? new ObjectStates(aggregator)
}

function storedForm(states: States, slot: number): Buffer {
  const out = new ByteWriter(64)
  states.write(slot, out)
  return out.view()
}
