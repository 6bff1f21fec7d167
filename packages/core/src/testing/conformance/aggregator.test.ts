import { describe, expect, test } from 'vitest'
import type { AggregateFunction, Aggregator, ArrayStates } from '../../aggregate/aggregator.ts'
import { COUNT } from '../../aggregate/count.ts'
import { MAX } from '../../aggregate/max.ts'
import { MEAN } from '../../aggregate/mean.ts'
import { MIN } from '../../aggregate/min.ts'
import { ObjectStates } from '../../aggregate/states.ts'
import { SUM } from '../../aggregate/sum.ts'
import { type Column, Float64Column } from '../../batch/column.ts'
import { t } from '../../schema/data-type.ts'
import { type AggregatorExam, testAggregator } from './aggregator.ts'
import type { TestHooks } from './test-hooks.ts'

const hooks: TestHooks = { describe, test, expect }

const DOUBLES = [
  0.1,
  0.2,
  0.3,
  1e308,
  -1e308,
  1.7e308,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2 ** -1022,
  -0,
  0,
  1e16,
  1,
  -1e16,
  3.3e-20,
]
const EDGES = [...DOUBLES, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
const INT32S = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]
const SAFE = [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 52]
const BIGINTS = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]
const TEXTS = ['', 'a', 'b', 'é', '￿', '😀', 'aa']
const BYTES = [[], [0], [0, 0], [255], [1, 255]].map(bytes => Uint8Array.from(bytes))
const JSONS = [true, false, 1, 1n, 1.5, Number.NaN, 'a', '']

const total = (values: readonly unknown[]): bigint =>
  values.reduce<bigint>((sum, value) => sum + BigInt(value as number), 0n)

testAggregator(hooks, {
  aggregate: COUNT,
  input: null,
  samples: [true, true, true],
  empty: 0,
  expected: values => values.length,
})
testAggregator(hooks, {
  aggregate: COUNT,
  input: t.string(),
  samples: TEXTS,
  empty: 0,
  expected: values => values.length,
})
testAggregator(hooks, {
  aggregate: SUM,
  input: t.int32(),
  samples: INT32S,
  empty: null,
  expected: values => (values.length === 0 ? null : Number(total(values))),
})
testAggregator(hooks, {
  aggregate: SUM,
  input: t.int64({ as: 'number' }),
  samples: SAFE,
  empty: null,
})
testAggregator(hooks, { aggregate: SUM, input: t.int64(), samples: BIGINTS, empty: null })
for (const aggregate of [SUM, MEAN]) {
  testAggregator(hooks, { aggregate, input: t.float64(), samples: DOUBLES, empty: null })
  testAggregator(hooks, { aggregate, input: t.float64(), samples: EDGES, empty: null })
  testAggregator(hooks, { aggregate, input: t.json(), samples: EDGES, empty: null })
}
for (const [input, samples] of [
  [t.int32(), INT32S],
  [t.int64({ as: 'number' }), SAFE],
  [t.int64(), BIGINTS],
] as const) {
  testAggregator(hooks, { aggregate: MEAN, input, samples, empty: null })
}
for (const aggregate of [MIN, MAX]) {
  const exams: readonly (readonly [AggregatorExam['input'], AggregatorExam['samples']])[] = [
    [t.float64(), EDGES],
    [t.int32(), INT32S],
    [t.int64({ as: 'number' }), SAFE],
    [t.int64(), BIGINTS],
    [t.string(), TEXTS],
    [t.bytes(), BYTES],
    [t.boolean(), [true, false, true]],
    [t.timestamp(), [0, -5, 1.75e12]],
    [t.json(), JSONS],
  ]
  for (const [input, samples] of exams) {
    testAggregator(hooks, { aggregate, input, samples, empty: null })
  }
}

describe('the exam finds', () => {
  /** Runs the exam on a broken aggregate and gives the names of the laws that failed. */
  function failures(broken: Partial<Aggregator<number[]>>): string[] {
    const failed: string[] = []
    const machine: Aggregator<number[]> = {
      init: () => [],
      add: (state, value) => [...state, value as number].toSorted((a, b) => a - b),
      merge: (left, right) => [...left, ...right].toSorted((a, b) => a - b),
      result: state => state.at(-1) ?? null,
      write(state, out) {
        out.byte(1)
        out.unsigned(state.length)
        for (const value of state) out.float64(value)
      },
      read(from) {
        if (from.byte() !== 1) from.bytes(1000)
        return Array.from({ length: from.unsigned() }, () => from.float64())
      },
      ...broken,
    }
    const aggregate: AggregateFunction = {
      name: 'broken',
      resultType: () => t.float64().nullable(),
      create: () => machine,
    }
    const record: TestHooks = {
      describe: (_, body) => body(),
      test(name, body) {
        try {
          void body()
        } catch {
          failed.push(name)
        }
      },
      expect,
    }
    testAggregator(record, { aggregate, input: t.float64(), samples: [1, 2, 3], empty: null })
    return failed
  }

  test('nothing in a good one', () => {
    expect(failures({})).toEqual([])
  })
  test('a result that depends on the order', () => {
    const failed = failures({ add: (state, value) => [...state, value as number] })
    expect(failed).toContain('gives the same result in any order')
  })
  test('a merge that forgets', () => {
    expect(failures({ merge: left => left })).toContain('merging with nothing changes nothing')
  })
  test('a merge that changes its right side', () => {
    const failed = failures({
      merge(left, right) {
        right.push(9)
        return [...left, ...right.slice(0, -1)].toSorted((a, b) => a - b)
      },
    })
    expect(failed).toEqual(['merging leaves the right state as it is'])
  })
  test('states in arrays that give something else', () => {
    const inArrays = {
      make: () => new ObjectStates({ ...SUM.create(t.float64()), merge: left => left }),
      result: (states: ObjectStates, slot: number) =>
        SUM.create(t.float64()).result(states.get(slot)),
    }
    const { ...machine } = SUM.create(t.float64())
    expect(failures({ ...machine, inArrays })).toEqual(['gives the same in arrays'])
  })
  test.each<[string, (right: Float64Column) => Column]>([
    [
      'in another order',
      ({ type, values, validity }) => {
        return new Float64Column(type, values.toReversed(), validity)
      },
    ],
    ['with 0 for null', ({ type, values }) => new Float64Column(type, values, null)],
  ])('results of many slots that are those of each %s', (_, planted) => {
    const machine = SUM.create(t.float64())
    const inArrays = machine.inArrays as ArrayStates
    const results: ArrayStates['results'] = (states, slots, type) =>
      planted(inArrays.results?.(states, slots, type) as Float64Column)
    const failed = failures({ ...machine, inArrays: { ...inArrays, results } })
    expect(failed).toEqual(['gives the same in arrays'])
  })
  test('a state that does not survive', () => {
    const failed = failures({
      read(from) {
        const states = Array.from({ length: from.byte() * 0 + from.unsigned() }, () =>
          from.float64(),
        )
        return states.slice(0, 1)
      },
    })
    expect(failed).toEqual([
      'goes on from its stored form as if it had never been stored',
      'refuses a stored form that is cut off, or of another version',
    ])
  })
})
