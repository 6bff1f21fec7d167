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

test('batches go down every branch, before the next target is asked', async () => {
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
  await graph.process(batch)
  expect(calls).toEqual(['a takes 2', 'b takes 2', 'd takes 2', 'c takes 2'])
})

test('late records go to the late targets only; empty batches go nowhere', async () => {
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
  await graph.process(batch)
  await graph.process(empty)
  expect(calls).toEqual(['late takes 2'])
})

test('time follows what it brings out: results arrive before the time that closed them', async () => {
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
  await graph.advance(100)
  expect(calls).toEqual(['first at 100', 'behind takes 2', 'behind at 90', 'beside at 100'])
})

test('time reaches a node behind two others when it has reached both', async () => {
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
  await graph.advance(100)
  expect(reached).toEqual([50])
})

describe('an operator that has to fetch', () => {
  /** Fetches when it is told to, and says what it took. */
  function fetching() {
    const { calls, operator } = recorder()
    const fetches: (() => void)[] = []
    const slow = operator('slow', {
      prefetch: () => new Promise<void>(resolve => fetches.push(resolve)),
      advance: watermark => {
        calls.push(`slow at ${watermark}`)
        return watermark
      },
    })
    return { calls, operator, fetches, slow }
  }

  test('gets its batches in their order, when they are fetched; others go on at once', async () => {
    const { calls, operator, fetches, slow } = fetching()
    const twice = operator('twice', {
      process: (input, output) => {
        output.emit(input)
        output.emit(input.with({ selection: Int32Array.of(0) }))
      },
    })
    const graph = new OperatorGraph(
      [node(twice, [1, 2]), node(slow, [3]), node(operator('beside')), node(operator('behind'))],
      [0],
    )
    const done = graph.process(batch)
    expect(calls).toEqual(['beside takes 2', 'beside takes 1'])
    expect(fetches).toHaveLength(1)
    fetches[0]?.()
    await new Promise(resolve => setImmediate(resolve))
    expect(calls.slice(2)).toEqual(['slow takes 2', 'behind takes 2'])
    fetches[1]?.()
    await done
    expect(calls.slice(4)).toEqual(['slow takes 1', 'behind takes 1'])
  })

  test('hears of time when it has taken what was emitted before', async () => {
    const { calls, operator, fetches, slow } = fetching()
    const window = operator('window', {
      advance: (watermark, output) => {
        output.emit(batch)
        return watermark
      },
    })
    const graph = new OperatorGraph([node(window, [1]), node(slow)], [0])
    const done = graph.advance(7)
    expect(calls).toEqual([])
    fetches[0]?.()
    await done
    expect(calls).toEqual(['slow takes 2', 'slow at 7'])
  })

  test('makes who emits without end wait', async () => {
    const { calls, operator, fetches, slow } = fetching()
    const window = operator('window', {
      advance: async (watermark, output) => {
        output.emit(batch)
        await output.settled()
        calls.push('settled')
        return watermark
      },
    })
    const graph = new OperatorGraph([node(window, [1]), node(slow)], [0])
    let isBusy = true
    const waits = new Promise<void>(resolve => setImmediate(resolve)).then(() => {
      isBusy = false
    })
    await graph.open({ settled: () => waits } as unknown as OperatorContext)
    const done = graph.advance(7)
    fetches[0]?.()
    await done
    expect([calls, isBusy]).toEqual([['slow takes 2', 'settled', 'slow at 7'], false])
  })

  test('fails the call when it can not', async () => {
    const { operator } = recorder()
    const broken = operator('broken', { prefetch: () => Promise.reject(new Error('disk')) })
    const graph = new OperatorGraph([node(broken)], [0])
    await expect(graph.process(batch)).rejects.toThrow('disk')
  })
})

test('operators stand in the order of the flow', () => {
  const { operator } = recorder()
  expect(
    () => new OperatorGraph([node(operator('a'), [1]), node(operator('b'), [0])], [0]),
  ).toThrow('topological')
})

const NONE = { entries: [], cleared: [] }

test('open windows anywhere hold the whole; state is gathered from all', async () => {
  const { operator } = recorder()
  const open = (firstDue: number, lastDue: number): Partial<Operator> => ({
    openWindows: () => ({ firstDue, lastDue }),
    inspect: async () => ({ name: `due ${firstDue}`, batches: [] }),
    stores: [{ open: async () => {}, seal: () => NONE, kept: () => {}, close: () => {} }],
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
  expect((await graph.inspect()).map(({ name }) => name)).toEqual(['due 5', 'due 3'])
  expect(graph.stores).toHaveLength(2)
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

/** Something due at each of these times, told of when time gets there. */
function timed(name: string, calls: string[], dues: number[], parts: Partial<Operator> = {}) {
  const waiting = [...dues]
  const operator: Operator = {
    name,
    process: () => calls.push(`${name} takes`),
    openWindows: () =>
      waiting.length === 0
        ? null
        : { firstDue: waiting[0] as number, lastDue: waiting.at(-1) as number },
    advance: (watermark, output) => {
      calls.push(`${name} at ${watermark}`)
      for (; waiting[0] !== undefined && waiting[0] <= watermark; waiting.shift()) {
        output.emit(batch)
      }
      return watermark - (operator.delayMs ?? 0)
    },
    ...parts,
  }
  return operator
}

test('time comes step by step where an operator depends on the order of rows and times', async () => {
  const told = async (keepsOrder: boolean, goesSlowly: boolean) => {
    const calls: string[] = []
    const window = timed('w', calls, [10, 20], { delayMs: 5 })
    const process = timed('p', calls, [3, 12], {
      keepsOrder,
      ...(goesSlowly && {
        advance: async watermark => calls.push(`p at ${watermark}`) && watermark,
      }),
    })
    await new OperatorGraph([node(window, [1]), node(process)], [0]).advance(30)
    return calls
  }
  const jump = ['w at 30', 'p takes', 'p takes', 'p at 25']
  expect(await told(false, false)).toEqual(jump)
  const steps = [
    ['w at 8', 'p at 3'],
    ['w at 10', 'p takes', 'p at 5'],
    ['w at 17', 'p at 12'],
    ['w at 20', 'p takes', 'p at 15'],
    ['w at 30', 'p at 25'],
  ]
  expect(await told(true, false)).toEqual(steps.flat())
  // What is not done at its time, here because nothing ever is, does not hold time.
  expect(await told(true, true)).toEqual(['w at 8', 'p at 3', ...jump])
})

test('updates go to their targets only, and the next barrier and wall time are the first ones', async () => {
  const { calls, operator } = recorder()
  const window = operator('window', {
    process: (input, output) => output.update(input),
    barrierDueAt: 70,
    wallDueAt: 50,
    advanceWall: async time => void calls.push(`window on the wall ${time}`),
  })
  const behind = operator('updates', {
    wallDueAt: 40,
    advanceWall: time => void calls.push(`updates on the wall ${time}`),
  })
  const graph = new OperatorGraph(
    [{ ...node(window, [1]), updateTargets: [2] }, node(operator('finals')), node(behind)],
    [0],
  )
  await graph.process(batch)
  await graph.advanceWall(60)
  expect(calls).toEqual(['updates takes 2', 'window on the wall 60', 'updates on the wall 60'])
  expect([graph.barrierDueAt, graph.wallDueAt]).toEqual([70, 40])
  const none = new OperatorGraph([node(operator('a'))], [0])
  expect([none.barrierDueAt, none.wallDueAt]).toEqual(Array(2).fill(Number.POSITIVE_INFINITY))
})
