/**
 * `count`: how many records a group has, or values that are not null. The state is the count
 * itself. Stored: 01, varint count.
 */

import type { Column } from '../batch/column.ts'
import { putHalves } from '../batch/column-builder.ts'
import { outputColumn } from '../batch/output-column.ts'
import type { Expression } from '../expr/expression.ts'
import { expectVersion } from '../record/format/format-check.ts'
import { type DataType, t } from '../schema/data-type.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { resized } from '../util/resized.ts'
import { type AggregateCall, aggregateCall } from './aggregate-call.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'
import type { States } from './states.ts'

const VERSION = 1
const TYPE: DataType = t.int64({ as: 'number' })

const COUNTER: Aggregator<number> = {
  init: () => 0,
  add: state => state + 1,
  merge: (left, right) => left + right,
  result: state => state,
  write: writeCount,
  read: readCount,
  inArrays: {
    make: () => new Counts(),
    result: (states: Counts, slot) => states.at(slot),
    results: (states: Counts, slots, type) => states.column(slots, type),
  },
}

class Counts implements States {
  #counts = new Float64Array(0)

  at(slot: number): number {
    return this.#counts[slot] as number
  }

  column(slots: Int32Array, type: DataType): Column | null {
    if (type.kind !== 'int64') return null
    const counts = this.#counts
    const output = outputColumn(type, slots.length, false)
    const words = output.values as Int32Array
    for (let i = 0; i < slots.length; i++) {
      putHalves(words, i, counts[slots[i] as number] as number)
    }
    return output.column()
  }

  resize(capacity: number): void {
    this.#counts = resized(this.#counts, capacity)
  }

  init(slot: number): void {
    this.#counts[slot] = 0
  }

  clear(): void {}

  add(slot: number): void {
    this.#counts[slot] = this.at(slot) + 1
  }

  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    const counts = this.#counts
    for (let i = 0; i < count; i++) {
      if (column?.isNull(indices[i] as number) === true) continue
      const slot = slots[i] as number
      counts[slot] = (counts[slot] as number) + 1
    }
  }

  merge(slot: number, from: Counts, fromSlot: number): void {
    this.#counts[slot] = this.at(slot) + from.at(fromSlot)
  }

  write(slot: number, out: ByteWriter): void {
    writeCount(this.at(slot), out)
  }

  read(slot: number, from: ByteReader): void {
    this.#counts[slot] = readCount(from)
  }
}

function writeCount(count: number, out: ByteWriter): void {
  out.byte(VERSION)
  out.unsigned(count)
}

function readCount(from: ByteReader): number {
  expectVersion(from, VERSION, 'state of count')
  return from.unsigned()
}

export const COUNT: AggregateFunction = Object.freeze({
  name: 'count',
  resultType: () => TYPE,
  create: () => COUNTER,
})

/**
 * The number of records in the group or, with a column, of its values that are not null. 0 when
 * there are none.
 *
 * @example
 * .agg(c => ({ n: count(), rated: count(c.rating) }))
 */
export function count(...input: [] | [input: Expression]): AggregateCall<number> {
  // A rest parameter, so that `count(c.misspelt)` from JavaScript is not taken for `count()`.
  return aggregateCall(COUNT, ...input)
}
