/**
 * The exam of aggregators: the laws written above the contract in `aggregate/aggregator.ts`, on
 * samples of the input.
 *
 * @example
 * testAggregator({ describe, test, expect }, { aggregate: SUM, input: t.float64(), samples: [0.1,
 * 0.2, 1e308], empty: null })
 */
import type { AggregateFunction, Aggregator } from '../../aggregate/aggregator.ts'
import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import type { DataType } from '../../schema/data-type.ts'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { testArrayStates } from './array-states.ts'
import { resultOrRefusal } from './refusal.ts'
import { below, seededRandom, shuffled } from './seeded-random.ts'
import type { TestHooks } from './test-hooks.ts'

type Value = Exclude<CellValue, null>

export interface AggregatorExam {
  readonly aggregate: AggregateFunction
  readonly input: DataType | null
  /** Values of the input type, with the awkward ones among them; at least three. */
  readonly samples: readonly Value[]
  /** The result over nothing. */
  readonly empty: CellValue
  /** The right result of these values, from another source than the aggregator. */
  readonly expected?: (values: readonly Value[]) => CellValue
}

const ROUNDS = 100
const VALUES_MAX = 12

export function testAggregator(hooks: TestHooks, exam: AggregatorExam): void {
  const { describe, test, expect } = hooks
  const { aggregate, input, samples } = exam
  const machine = aggregate.create(input)
  const type = aggregate.resultType(input)
  const addAll = (values: readonly Value[], to: unknown = machine.init()): unknown =>
    values.reduce<unknown>((state, value) => machine.add(state, value), to)
  const resultOf = (values: readonly Value[]): unknown => outcome(machine, addAll(values))
  /** Runs a law on many lists of values, the same ones in each run. */
  const forAll = (law: (values: Value[], random: () => number) => void): void => {
    const random = seededRandom(1)
    for (let round = 0; round < ROUNDS; round++) {
      const count = below(random, VALUES_MAX + 1)
      law(
        Array.from({ length: count }, () => samples[below(random, samples.length)] as Value),
        random,
      )
    }
  }

  describe(`${aggregate.name} of ${input ?? 'records'}`, () => {
    test('over nothing gives the agreed result', () => {
      expect(machine.result(machine.init())).toEqual(exam.empty)
      if (exam.empty === null) expect(type.isNullable).toBe(true)
    })
    test('lets the samples pass', () => {
      for (const value of samples) expect(machine.check?.(value)).toBe(undefined)
    })
    if (exam.expected !== undefined) {
      const { expected } = exam
      test('gives the right result', () => {
        forAll(values => expect(resultOf(values)).toEqual(expected(values)))
      })
    }
    test('gives the same result in any order', () => {
      forAll((values, random) =>
        expect(resultOf(shuffled(random, values))).toEqual(resultOf(values)),
      )
    })
    test('gives the same result however the values are cut and merged', () => {
      forAll((values, random) => {
        const merged = mergeTree(values, random, machine, addAll)
        expect(outcome(machine, merged)).toEqual(resultOf(values))
      })
    })
    test('merging with nothing changes nothing', () => {
      forAll(values => {
        const left = machine.merge(machine.init(), addAll(values))
        const right = machine.merge(addAll(values), machine.init())
        expect(outcome(machine, left)).toEqual(resultOf(values))
        expect(outcome(machine, right)).toEqual(resultOf(values))
      })
    })
    test('merging leaves the right state as it is', () => {
      forAll((values, random) => {
        const right = addAll(values)
        addAll(values, machine.merge(addAll(shuffled(random, values)), right))
        expect(outcome(machine, right)).toEqual(resultOf(values))
      })
    })
    test('asking for the result changes nothing', () => {
      forAll(values => {
        const state = addAll(values)
        outcome(machine, state)
        expect(outcome(machine, addAll(values, state))).toEqual(resultOf([...values, ...values]))
      })
    })
    testStoredForm(hooks, { machine, addAll, resultOf, forAll })
    testArrayStates(hooks, { machine, input, samples, type })
  })
}

interface Laws {
  readonly machine: Aggregator
  readonly addAll: (values: readonly Value[], to?: unknown) => unknown
  readonly resultOf: (values: readonly Value[]) => unknown
  readonly forAll: (law: (values: Value[], random: () => number) => void) => void
}

function testStoredForm({ test, expect }: TestHooks, laws: Laws): void {
  const { machine, addAll, resultOf, forAll } = laws

  test('goes on from its stored form as if it had never been stored', () => {
    forAll((values, random) => {
      const cut = below(random, values.length + 1)
      const state = addAll(values.slice(0, cut))
      const from = new ByteReader(stored(machine, state), 'state')
      const restored = machine.read(from)
      expect(from.left).toBe(0)
      expect(outcome(machine, addAll(values.slice(cut), restored))).toEqual(resultOf(values))
      // And the one that was written goes on too.
      expect(outcome(machine, addAll(values.slice(cut), state))).toEqual(resultOf(values))
    })
  })
  test('refuses a stored form that is cut off, or of another version', () => {
    forAll(values => {
      const bytes = stored(machine, addAll(values))
      for (let size = 0; size < bytes.length; size++) {
        expect(
          failureOf(() => machine.read(new ByteReader(bytes.subarray(0, size), 'state'))),
        ).toBe('FORMAT_UNKNOWN')
      }
      bytes[0] = 0xff
      expect(failureOf(() => machine.read(new ByteReader(bytes, 'state')))).toBe('FORMAT_UNKNOWN')
    })
  })
}

/** States of random pieces, merged two by two in random order until one is left. */
function mergeTree(
  values: readonly Value[],
  random: () => number,
  machine: Aggregator,
  addAll: (values: readonly Value[]) => unknown,
): unknown {
  const states: unknown[] = [machine.init()]
  let at = 0
  while (at < values.length) {
    const next = at + 1 + below(random, 3)
    states.push(addAll(values.slice(at, next)))
    at = next
  }
  while (states.length > 1) {
    const [left] = states.splice(below(random, states.length), 1)
    const [right] = states.splice(below(random, states.length), 1)
    states.push(machine.merge(left, right))
  }
  return states[0]
}

function stored(machine: Aggregator, state: unknown): Buffer {
  const out = new ByteWriter()
  machine.write(state, out)
  return out.copy()
}

/**
 * The result, or the code of the error it is refused with: OVERFLOW must depend on no order either.
 */
function outcome(machine: Aggregator, state: unknown): unknown {
  return resultOrRefusal(() => machine.result(state))
}

function failureOf(act: () => void): string | null {
  try {
    act()
    return null
  } catch (error) {
    if (MillraceError.is(error)) return error.code
    throw error
  }
}
