/**
 * What one group has accumulated in one window: a state per aggregate, and the greatest event time.
 *
 * Stored form (docs/formats.md, "state value"): 1, or 2 when it was given out as it is (`updates`);
 * count, each state with its size, greatest event time.
 */
import type { Aggregator } from '../aggregate/aggregator.ts'
import { MillraceError } from '../errors.ts'
import type { ValueCodec } from '../state/layered-store.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'

export interface Accumulator {
  states: unknown[]
  timestamp: number
  /** Was given out as an update, and has not changed since. */
  isTold: boolean
}

/** What it takes as an object, and what a state of it does (measured: buckets.ts). */
const ACCUMULATOR_BYTES = 60
const STATE_BYTES = 80

const VERSION = 1
const VERSION_TOLD = 2

/** A machine, and the earlier one over the same column whose state serves it too. */
export interface Slot {
  readonly aggregator: Aggregator
  /**
   * States that were stored come back apart, and those of a changed program may differ: so they are
   * one only where they are the same object.
   */
  readonly twin?: number | undefined
}

export function newAccumulator(aggregates: readonly Slot[]): Accumulator {
  const states: unknown[] = []
  for (const { aggregator, twin } of aggregates) {
    states.push(twin === undefined ? aggregator.init() : states[twin])
  }
  return { states, timestamp: Number.NEGATIVE_INFINITY, isTold: false }
}

export function accumulatorCodec(aggregators: readonly Aggregator[]): ValueCodec<Accumulator> {
  const part = new ByteWriter()
  return {
    weight: { bytes: ACCUMULATOR_BYTES + STATE_BYTES * aggregators.length, perByte: 1 },
    write(accumulator, out) {
      out.byte(accumulator.isTold ? VERSION_TOLD : VERSION)
      out.unsigned(aggregators.length)
      for (const [i, aggregator] of aggregators.entries()) {
        part.reset()
        aggregator.write(accumulator.states[i], part)
        out.unsigned(part.size)
        out.bytes(part.view())
      }
      out.float64(accumulator.timestamp)
    },
    read(bytes) {
      const version = bytes.byte()
      const count = bytes.unsigned()
      const isKnown = version === VERSION || version === VERSION_TOLD
      if (!isKnown || count !== aggregators.length) {
        throw new MillraceError(
          'FORMAT_UNKNOWN',
          `a state value has version ${version} with ${count} aggregates; expected version ` +
            `${VERSION} or ${VERSION_TOLD} with ${aggregators.length}. The state was made by ` +
            'another plan or a newer version.',
        )
      }
      const states = aggregators.map(aggregator =>
        aggregator.read(new ByteReader(bytes.bytes(bytes.unsigned()), 'state of an aggregate')),
      )
      return { states, timestamp: bytes.float64(), isTold: version === VERSION_TOLD }
    },
  }
}
