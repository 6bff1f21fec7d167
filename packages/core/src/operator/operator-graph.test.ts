import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { examBatch } from '../testing/exam-batch.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { OperatorGraph } from './operator-graph.ts'

const Row = schema({ n: t.int32() })
const batch = examBatch(Row, [{ n: 1 }, { n: 2 }])
const empty = batch.with({ selection: new Int32Array(0) })

/** Operators that write what happens to them into one list. */
function recorder() {
  const calls: string[] = []
  const operator = (name: string, parts: Partial<Operator> = {}): Operator => ({
    name,
    process: (input, output) => {
      calls.push(`${name} takes ${input.count}`)
      output.emit(input)
    },
    ...parts,
  })
  return { calls, operator }
}
const node = (operator: Operator, targets: number[] = [], lateTargets: number[] = []) => ({
  operator,
  targets,
  lateTargets,
})

test('batches go down every branch, before the next target is asked', () => {
  const { calls, operator } = recorder()
  const graph = new OperatorGraph(
    [
      node(operator('a'), [1, 2]),
      node(operator('b'), [3]),
      node(operator('c')),
      node(operator('d')),
    ],
    [0],
  )
  graph.process(batch)
  expect(calls).toEqual(['a takes 2', 'b takes 2', 'd takes 2', 'c takes 2'])
})

test('late records go to the late targets only; empty batches go nowhere', () => {
  const { calls, operator } = recorder()
  const splits = operator('window', {
    process: (input, output) => {
      output.emit(empty)
      output.late(input)
    },
  })
  const graph = new OperatorGraph(
    [node(splits, [1], [2]), node(operator('results')), node(operator('late'))],
    [0],
  )
  graph.process(batch)
  graph.process(empty)
  expect(calls).toEqual(['late takes 2'])
})

test('time follows what it brings out: results arrive before the time that closed them', () => {
  const { calls, operator } = recorder()
  const hears = (name: string): Partial<Operator> => ({
    advance: watermark => {
      calls.push(`${name} at ${watermark}`)
      return watermark
    },
  })
  const window = operator('window', {
    advance: (watermark, output) => {
      output.emit(batch)
      return watermark - 10
    },
  })
  const graph = new OperatorGraph(
    [
      node(operator('first', hears('first')), [1, 3]),
      node(window, [2]),
      node(operator('behind', hears('behind'))),
      node(operator('beside', hears('beside'))),
    ],
    [0],
  )
  graph.advance(100)
  expect(calls).toEqual(['first at 100', 'behind takes 2', 'behind at 90', 'beside at 100'])
})

test('time reaches a node behind two others when it has reached both', () => {
  const reached: number[] = []
  const { operator } = recorder()
  const graph = new OperatorGraph(
    [
      node(operator('slow', { advance: watermark => watermark - 50 }), [2]),
      node(operator('fast'), [2]),
      node(
        operator('join', {
          advance: watermark => {
            reached.push(watermark)
            return watermark
          },
        }),
      ),
    ],
    [0, 1],
  )
  graph.advance(100)
  expect(reached).toEqual([50])
})

test('operators stand in the order of the flow', () => {
  const { operator } = recorder()
  expect(
    () => new OperatorGraph([node(operator('a'), [1]), node(operator('b'), [0])], [0]),
  ).toThrow('topological')
})

test('open windows anywhere hold the whole; state is gathered from all', () => {
  const { operator } = recorder()
  const open = (firstDue: number, lastDue: number): Partial<Operator> => ({
    openWindows: () => ({ firstDue, lastDue }),
    inspect: () => ({ name: `due ${firstDue}`, batches: [] }),
    seal: () => [{ key: Buffer.from([firstDue]), value: null }],
  })
  const graph = new OperatorGraph(
    [
      node(operator('a', open(5, 50)), [1, 2]),
      node(operator('b')),
      node(operator('c', open(3, 30)), [3]),
      node(operator('d', { openWindows: () => null })),
    ],
    [0],
  )
  expect(graph.openWindows()).toEqual({ firstDue: 3, lastDue: 50 })
  expect(graph.inspect().map(({ name }) => name)).toEqual(['due 5', 'due 3'])
  expect(graph.seal().map(({ key }) => key[0])).toEqual([5, 3])
  expect(new OperatorGraph([node(operator('a'))], [0]).openWindows()).toBe(null)
})

describe('sinks', () => {
  const sink = (calls: string[], name: string, parts: Partial<Operator> = {}): Operator => ({
    name,
    process: () => {},
    prepare: async epoch => {
      calls.push(`prepare ${name} ${epoch}`)
      return name === 'none' ? null : Buffer.from(name)
    },
    commit: async (epoch, receipt) =>
      void calls.push(`commit ${name} ${epoch} ${receipt === null ? null : Buffer.from(receipt)}`),
    abort: async epoch => void calls.push(`abort ${name} ${epoch}`),
    close: async () => void calls.push(`close ${name}`),
    ...parts,
  })

  test('get their own receipts back, though others give none', async () => {
    const calls: string[] = []
    const { operator } = recorder()
    const graph = new OperatorGraph(
      [
        node(operator('a'), [1, 2, 3]),
        node(sink(calls, 'none')),
        node(operator('b')),
        node(sink(calls, 'x')),
      ],
      [0],
    )
    await graph.commit(3, await graph.prepare(3))
    expect(calls).toEqual(['prepare none 3', 'prepare x 3', 'commit none 3 null', 'commit x 3 x'])
  })

  test('are all aborted and closed, also when one of them fails', async () => {
    const calls: string[] = []
    const fails = { abort: () => Promise.reject(new Error('a')), close: () => Promise.reject('c') }
    const throws: Partial<Operator> = {
      abort: () => {
        throw new Error('at once')
      },
    }
    const graph = new OperatorGraph(
      [node(sink(calls, 'x', fails)), node(sink(calls, 'y', throws)), node(sink(calls, 'z'))],
      [0, 1, 2],
    )
    await graph.abort(7)
    await expect(graph.close()).rejects.toBe('c')
    expect(calls).toEqual(['abort z 7', 'close y', 'close z'])
  })

  test('are opened one after the other, each with the context', async () => {
    const opened: string[] = []
    const context = {} as OperatorContext
    const opens = (name: string): Operator => ({
      name,
      process: (_: Batch) => {},
      open: async given => {
        expect(given).toBe(context)
        await Promise.resolve()
        opened.push(name)
      },
    })
    await new OperatorGraph([node(opens('a')), node(opens('b'))], [0, 1]).open(context)
    expect(opened).toEqual(['a', 'b'])
  })
})
