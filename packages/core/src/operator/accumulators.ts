/**
 * What groups have accumulated in windows: for each slot the states of the aggregates, and the
 * greatest event time.
 *
 * Stored form (docs/formats.md, "state value"): 1, or 2 when it was given out as it is (`updates`);
 * count, each state with its size, greatest event time.
 */

import type { Aggregator } from '../aggregate/aggregator.ts'
import type { Column } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { Cells, ValueWeight } from '../state/cells.ts'
import { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { resized } from '../util/resized.ts'
import { AggregateStates } from './aggregate-states.ts'

/** What it takes in arrays, and what a state of it does where it is no object. */
const ACCUMULATOR_BYTES = 14
const STATE_BYTES = 40
/** An object: measured for text of a kilobyte, and for sets of partials. */
const OBJECT_BYTES = 80

const VERSION = 1
const VERSION_TOLD = 2

/** A machine, and the earlier one over the same column whose state serves it too. */
export interface Slot {
  readonly aggregator: Aggregator
  readonly twin?: number | undefined
}

export class Accumulators implements Cells {
  readonly weight: ValueWeight
  /** In the order of the aggregates. */
  readonly aggregates: readonly AggregateStates[]
  /** Greatest event time. */
  #timestamps = new Float64Array(0)
  /** 1: it was given out as an update, and has not changed since. */
  #told = new Uint8Array(0)

  constructor(machines: readonly Slot[]) {
    const aggregates: AggregateStates[] = []
    for (const { aggregator, twin } of machines) {
      const shared = twin === undefined ? null : (aggregates[twin] as AggregateStates)
      aggregates.push(new AggregateStates(aggregator, shared))
    }
    this.aggregates = aggregates
    this.weight = weightOf(machines)
  }

  timestampOf(slot: number): number {
    return this.#timestamps[slot] as number
  }

  timestampsOf(slots: Int32Array): Float64Array {
    const timestamps = this.#timestamps
    const times = new Float64Array(slots.length)
    for (let i = 0; i < slots.length; i++) times[i] = timestamps[slots[i] as number] as number
    return times
  }

  isTold(slot: number): boolean {
    return this.#told[slot] === 1
  }

  told(slot: number): void {
    this.#told[slot] = 1
  }

  /** Something of this time is about to be added. */
  touch(slot: number, timestamp: number): void {
    if (timestamp > (this.#timestamps[slot] as number)) this.#timestamps[slot] = timestamp
    this.#told[slot] = 0
  }

  /** As `touch`, for many. @param times of all records, of which those at `indices` are added */
  touchAll(slots: Int32Array, indices: Int32Array, times: Float64Array): void {
    const timestamps = this.#timestamps
    const told = this.#told
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const time = times[indices[i] as number] as number
      if (time > (timestamps[slot] as number)) timestamps[slot] = time
      told[slot] = 0
    }
  }

  /** As `States.addAll`. @param inputs the columns of the aggregates; null = every record */
  addAll(
    slots: Int32Array,
    indices: Int32Array,
    count: number,
    inputs: readonly (Column | null)[],
  ): void {
    for (const [i, states] of this.aggregates.entries()) {
      states.addAll(slots, indices, count, inputs[i] as Column | null)
    }
  }

  /** Adds what `from`, of the same aggregates, has at a slot. */
  merge(slot: number, from: Accumulators, fromSlot: number): void {
    for (const [i, states] of this.aggregates.entries()) {
      states.merge(slot, from.aggregates[i] as AggregateStates, fromSlot)
    }
    this.touch(slot, from.timestampOf(fromSlot))
  }

  resize(capacity: number): void {
    this.#timestamps = resized(this.#timestamps, capacity)
    this.#told = resized(this.#told, capacity)
    for (const states of this.aggregates) states.resize(capacity)
  }

  init(slot: number): void {
    this.#timestamps[slot] = Number.NEGATIVE_INFINITY
    this.#told[slot] = 0
    for (const states of this.aggregates) states.init(slot)
  }

  clear(slot: number): void {
    for (const states of this.aggregates) states.clear(slot)
  }

  write(slot: number, out: ByteWriter): void {
    out.byte(this.isTold(slot) ? VERSION_TOLD : VERSION)
    out.unsigned(this.aggregates.length)
    for (const states of this.aggregates) {
      const start = out.beginPart()
      states.write(slot, out)
      out.endPart(start)
    }
    out.float64(this.timestampOf(slot))
  }

  read(slot: number, bytes: ByteReader): void {
    const version = bytes.byte()
    const count = bytes.unsigned()
    const isKnown = version === VERSION || version === VERSION_TOLD
    if (!isKnown || count !== this.aggregates.length) {
      throw new MillraceError(
        'FORMAT_UNKNOWN',
        `a state value has version ${version} with ${count} aggregates; expected version ` +
          `${VERSION} or ${VERSION_TOLD} with ${this.aggregates.length}. The state was made by ` +
          'another plan or a newer version.',
      )
    }
    for (const states of this.aggregates) {
      states.read(slot, new ByteReader(bytes.bytes(bytes.unsigned()), 'state of an aggregate'))
    }
    this.#timestamps[slot] = bytes.float64()
    this.#told[slot] = version === VERSION_TOLD ? 1 : 0
  }
}

function weightOf(machines: readonly Slot[]): ValueWeight {
  const own = machines.filter(({ twin }) => twin === undefined)
  const objects = own.filter(({ aggregator }) => aggregator.inArrays === undefined).length
  const bytes = ACCUMULATOR_BYTES + STATE_BYTES * (own.length - objects) + OBJECT_BYTES * objects
  return { bytes, perByte: objects === 0 ? 0 : 1 }
}
