import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { MillraceError } from '../errors.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { StateEntry, StateSpace } from '../state/state-backend.ts'
import { listState, mapState, valueState } from '../state/state-declaration.ts'
import { StateMemory } from '../state/state-memory.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { cellReaderOf } from './cell-reader.ts'
import type { OperatorContext } from './operator.ts'
import { ProcessOperator } from './process.ts'
import type { ProcessFunctions, ProcessOptions } from './process-options.ts'

const In = schema({ k: t.string().nullable(), n: t.int32() })
const Out = schema({ k: t.string().nullable(), what: t.string(), n: t.int32() })

const states = {
  total: valueState(t.int32()),
  list: listState(t.int32(), { max: 3 }),
  map: mapState(t.string(), t.int32()),
}

/** The types of handles are tested in `api`; here they are what they are. */
// biome-ignore lint/suspicious/noExplicitAny: handles of any type.
type Loose = any

function options(parts: Partial<ProcessOptions> & { functions: Loose }): ProcessOptions {
  return {
    name: 'process#2',
    identity: 'p',
    stores: { state: 1, event: 2, expiry: 3, wall: 4 },
    group: {
      codec: groupKeyCodec([t.string().nullable()]),
      columns: [batch => cellReaderOf(batch, 'k')],
      names: ['k'],
    },
    states,
    ttlMs: null,
    memory: new StateMemory(1e9),
    schema: Out,
    onError: fail(),
    batchRecordsMax: 4,
    ...parts,
  }
}

const rows = Array.from({ length: 60 }, (_, n) =>
  n % 6 === 2 ? null : { k: n % 5 === 0 ? null : `g${n % 3}`, n },
)

/** Counts, sets a timer some seconds ahead (or behind), and throws for two of the records. */
const counting: ProcessFunctions = {
  row: ({ n }: Loose, { state, timers, emit, timestamp }: Loose) => {
    state.total.set((state.total.get() ?? 0) + n)
    timers.event(`t${n % 4}`, timestamp + ((n * 700) % 5_000) - 1_500)
    emit({ what: 'row', n: state.total.get() })
    if (n === 19 || n === 31) throw new Error('unlucky')
  },
  timer: (timer, { state, emit, timers }: Loose) => {
    emit({ what: timer.name, n: state.total.get() ?? -1 })
    if (timer.name === 't1') timers.event('again', timer.at + 333)
  },
}

for (const ttlMs of [null, 3_000]) {
  testOperator(
    { describe, test, expect },
    {
      create: onError => new ProcessOperator(options({ functions: counting, ttlMs, onError })),
      input: examBatch(In, rows),
      tombstones: 'ignored',
      failing: [19, 31],
    },
  )
}

/** A machine with ways to feed it and to see what leaves it. */
function machine(
  functions: Loose,
  parts: Partial<ProcessOptions> = {},
  { readsSource = true } = {},
) {
  const operator = new ProcessOperator(
    options({ functions: { timer: null, ...functions }, ...parts }),
  )
  const out: string[] = []
  const batches: Batch[] = []
  const failures: MillraceError[] = []
  const counts: Record<string, number> = {}
  const output = {
    emit: (batch: Batch) => {
      batches.push(batch)
      const rowAt = rowsOf(batch)
      for (let nth = 0; nth < batch.count; nth++) {
        const { k, what, n } = rowAt(batch.at(nth))
        out.push(`${k} ${what} ${n}`)
      }
    },
    late: () => {},
    update: () => {},
    settled: async () => {},
  }
  operator.open({
    partition: 4,
    readsSource,
    recordFailed: (error: MillraceError, policy: ErrorPolicy) => {
      if (policy.kind === 'fail') throw error
      failures.push(error)
    },
    count: (metric: string, amount: number) => {
      counts[metric] = (counts[metric] ?? 0) + amount
    },
  } as Partial<OperatorContext> as OperatorContext)
  /** Records of one batch: key, number, event time, and the watermark before. */
  const feed = async (
    ...records: readonly { k?: string; n?: number; at: number; after?: number }[]
  ) => {
    const batch = examBatch(
      In,
      records.map(({ k = 'a', n = 1 }) => ({ k, n })),
    )
    const timestamps = Float64Array.from(records, ({ at }) => at)
    const watermarks = Float64Array.from(records, ({ after = Number.NEGATIVE_INFINITY }) => after)
    const timed = batch.with({ records: { ...batch.records, timestamps, watermarks } })
    await operator.prefetch(timed)
    operator.process(timed, output)
  }
  let space: StateSpace | null = null
  return {
    operator,
    out,
    batches,
    failures,
    counts,
    feed,
    /** Takes up what a space holds. */
    openOn: async (kept: StateSpace) => {
      space = kept
      for (const store of operator.stores) await store.open(kept, () => {})
    },
    /** As a checkpoint does; gives what was written. */
    commit: async (): Promise<StateEntry[]> => {
      const sealed = operator.stores.map(store => store.seal())
      for (const [from, to] of sealed.flatMap(({ cleared }) => cleared)) {
        await space?.clearRange(from, to)
      }
      const entries = sealed.flatMap(each => [...each.entries])
      await space?.write(entries)
      for (const store of operator.stores) store.kept()
      return entries
    },
    advance: (to: number) => operator.advance(to, output),
    wall: (to: number) => operator.advanceWall(to, output),
    endEpoch: (at: number) => operator.endEpoch({ epoch: 0, at, isIdle: false, isFinal: false }),
  }
}

const told =
  (name: string) =>
  (timer: Loose, { emit }: Loose) =>
    emit({ what: `${name} ${timer.name}`, n: timer.at })

describe('state', () => {
  test('is of the key alone, and is there at the next record', async () => {
    const { feed, out } = machine({
      row: ({ n }: Row, { state, emit, key }: Loose) => {
        state.total.set((state.total.get() ?? 0) + (n as number))
        state.list.push(n)
        state.map.set(key.k, state.map.size)
        emit({
          what: `${state.list.values()} ${JSON.stringify(state.map.entries())}`,
          n: state.total.get(),
        })
      },
    })
    await feed({ k: 'a', n: 1, at: 0 }, { k: 'b', n: 5, at: 0 }, { k: 'a', n: 2, at: 0 })
    expect(out).toEqual(['a 1 [["a",0]] 1', 'b 5 [["b",0]] 5', 'a 1,2 [["a",1]] 3'])
  })

  test('of a call that throws is as it was before, and its rows are not given out', async () => {
    const { feed, out, failures, operator } = machine(
      {
        row: ({ n }: Loose, { state, timers, emit }: Loose) => {
          if (n === 0)
            emit({
              what: JSON.stringify([state.map.entries(), state.list.values()]),
              n: state.total.get(),
            })
          else {
            state.total.set(n)
            state.list.push(n)
            timers.event('x', 10_000 * n)
            state.map.set(`m${n}`, n)
            emit({ what: 'row', n })
          }
          if (n !== 3) return
          state.map.delete('m1')
          state.map.set('m2', 7)
          state.map.set('m1', 9)
          state.list.clear()
          state.list.push(1)
          timers.cancel('x')
          timers.event('y', 5)
          throw new Error('no')
        },
        timer: told('timer'),
      },
      { onError: skip() },
    )
    await feed({ n: 1, at: 0 }, { n: 2, at: 1 }, { n: 3, at: 2 }, { n: 0, at: 3 })
    expect(out).toEqual(['a row 1', 'a row 2', 'a [[["m1",1],["m2",2]],[1,2]] 2'])
    expect(failures.map(({ code, place }) => [code, place.step, place.offset])).toEqual([
      ['FUNCTION_FAILED', 'process#2', 102],
    ])
    expect(operator.openWindows()).toEqual({ firstDue: 20_000, lastDue: 20_000 })
  })

  test('is bounded per list, per key and in timers', async () => {
    const { feed, failures } = machine(
      {
        row: ({ n }: Loose, { state, timers }: Loose) => {
          if (n === 1) state.list.push(1, 2, 3, 4)
          if (n === 2) for (let i = 0; i < 101; i++) timers.event(`t${i}`, 1_000)
          if (n === 3) state.map.set('x'.repeat(900_000), 1)
        },
      },
      { onError: skip() },
    )
    await feed({ n: 1, at: 0 }, { n: 2, at: 0 }, { n: 3, at: 0 })
    expect(failures.map(({ code }) => code)).toEqual(Array(3).fill('STATE_TOO_LARGE'))
    expect(failures.map(({ text }) => text.slice(0, 40))).toEqual([
      'state "list" holds 3 items for this key ',
      'a key may have at most 100 timers. Cance',
      'the state of this key would take 900015 ',
    ])
  })

  test('of the wrong type, or used after the call, is an error of the record', async () => {
    const kept: Loose[] = []
    const { feed, failures } = machine(
      {
        row: ({ n }: Loose, context: Loose) => {
          if (n === 1) context.state.total.set('x')
          if (n === 2) kept.push(context)
          if (n === 3) return Promise.reject(new Error('async'))
          if (n === 4) context.emit({ k: 'other', what: '', n: 1 })
          if (n === 5) context.emit({ what: 7, n: 1 })
          return undefined
        },
      },
      { onError: skip() },
    )
    for (const n of [1, 2, 3, 4, 5]) await feed({ n, at: 0 })
    expect(failures.map(({ text }) => text)).toEqual([
      'state "total" was given a wrong value: expected a whole number of 32 bits, got "x".',
      expect.stringContaining('gave back a promise'),
      expect.stringContaining('whose column "k" is not that of its key'),
      'the row of the function has a wrong cell: expected text, got 7.',
    ])
    expect(() => kept[0].state.total.get()).toThrow('outside of the call')
    expect(() => kept[0].emit({})).toThrow('after the call')
  })

  test('goes on from what was sealed, timers too; what is empty is taken out', async () => {
    const functions = {
      row: ({ n }: Loose, { state, timers, emit }: Loose) => {
        if (n === 0) {
          state.total.delete()
          state.list.clear()
          state.map.clear()
          timers.cancel('e')
          timers.cancel('w')
          return
        }
        state.total.set((state.total.get() ?? 0) + n)
        state.list.push(n)
        state.map.set(`k${n}`, n)
        timers.event('e', 5_000)
        timers.wall('w', '1s')
        emit({ what: `${state.list.values()} ${state.map.entries()}`, n: state.total.get() })
      },
      timer: told('timer'),
    }
    const first = machine(functions)
    await first.feed({ n: 1, at: 0 }, { n: 2, at: 1 })
    first.endEpoch(70_000)
    const space = await memoryBackend().open('task')
    await first.openOn(space)
    await first.commit()
    const second = machine(functions)
    await second.openOn(space)
    await second.feed({ n: 3, at: 2 })
    expect(second.out).toEqual(['a 1,2,3 k1,1,k2,2,k3,3 6'])
    second.endEpoch(80_000)
    await second.wall(71_000)
    expect([second.out.length, second.operator.wallDueAt]).toEqual([1, 81_000])
    await second.advance(5_000)
    await second.wall(81_000)
    expect(second.out.slice(1)).toEqual(['a timer e 5000', 'a timer w 81000'])
    await second.feed({ n: 0, at: 3 })
    await second.commit()
    expect(await space.scan(Uint8Array.of(0), Uint8Array.of(9), 10)).toEqual([])
  })
})

describe('event timers', () => {
  const timed = {
    row: ({ n }: Loose, { timers, emit, watermark }: Loose) => {
      emit({ what: `row at ${watermark}`, n })
      if (n > 0) timers.event(`t${n}`, n)
    },
    timer: (timer: Loose, { emit, watermark }: Loose) =>
      emit({ what: `${timer.name} at ${watermark}`, n: timer.at }),
  }

  test('fire when time reaches them: by time, then key, then name', async () => {
    const { feed, advance, out, batches } = machine({
      row: (_: Row, { timers }: Loose) => {
        timers.event('z', 100)
        timers.event('b', 200)
        timers.event('a', 200)
      },
      timer: told('timer'),
    })
    await feed({ k: 'y', at: 0 }, { k: 'x', at: 0 })
    await advance(99)
    expect(out).toEqual([])
    await advance(200)
    const at200 = ['x timer a 200', 'x timer b 200', 'y timer a 200', 'y timer b 200']
    expect(out).toEqual(['x timer z 100', 'y timer z 100', ...at200])
    const [{ records }] = batches as [Batch]
    expect([...records.timestamps]).toEqual([100, 100, 200, 200])
    expect([...records.watermarks]).toEqual([99, 99, 199, 199])
    expect(records.keys.get(0)).toEqual(Buffer.from('x'))
  })

  test('fire before a record whose watermark has reached them, in a task that reads a source', async () => {
    const { feed, out } = machine(timed)
    await feed(
      { k: 'a', n: 100, at: 0 },
      { k: 'b', n: 50, at: 0, after: 60 },
      { n: 0, at: 0, after: 150 },
    )
    expect(out).toEqual([
      'a row at -Infinity 100',
      'b row at 60 50',
      'b t50 at 60 50',
      'a t100 at 100 100',
      'a row at 150 0',
    ])
  })

  test('fire with the time of the task, in one behind an internal topic', async () => {
    const { feed, advance, out } = machine(timed, {}, { readsSource: false })
    await feed({ n: 100, at: 0 }, { n: 0, at: 0, after: 150 })
    expect(out).toEqual(['a row at -Infinity 100', 'a row at -Infinity 0'])
    await advance(120)
    expect(out.slice(2)).toEqual(['a t100 at 100 100'])
  })

  test('may set others, later ones only', async () => {
    const { advance, feed, out, failures } = machine(
      {
        row: (_: Row, { timers }: Loose) => timers.event('first', 10),
        timer: (timer: Loose, { timers, emit }: Loose) => {
          emit({ what: timer.name, n: timer.at })
          if (timer.name === 'first') timers.event('second', 15)
          else timers.event('third', timer.at)
        },
      },
      { onError: skip() },
    )
    await feed({ at: 0 })
    await advance(20)
    expect(out).toEqual(['a first 10'])
    expect(failures.map(({ text, place }) => [text, place.step])).toEqual([
      [expect.stringContaining('"third" was set for 15 by a timer of 15'), 'process#2'],
    ])
  })
})

describe('time to live', () => {
  const counted = {
    row: ({ n }: Loose, { state, timers, emit }: Loose) => {
      state.total.set((state.total.get() ?? 0) + 1)
      if (n > 1) timers.event('t', n)
      emit({ what: 'count', n: state.total.get() })
    },
    timer: (timer: Loose, { state, emit }: Loose) =>
      emit({ what: timer.name, n: state.total.get() }),
  }

  test('takes a key out when its last record is that long ago, and tells the changelog', async () => {
    const { feed, advance, out, counts, commit } = machine(counted, { ttlMs: 100 })
    await feed({ k: 'a', at: 0 }, { k: 'b', at: 0 }, { k: 'a', at: 50 })
    expect((await commit()).filter(({ value }) => value !== null)).toHaveLength(4)
    await advance(100)
    expect(counts).toEqual({ keys_expired: 1 })
    await feed({ k: 'a', at: 120, after: 120 }, { k: 'b', at: 120, after: 120 })
    expect(out.slice(3)).toEqual(['a count 3', 'b count 1'])
    await advance(220)
    expect((await commit()).filter(({ value }) => value !== null)).toEqual([])
    expect(counts).toEqual({ keys_expired: 3 })
  })

  test('is over for a record that comes when it is, whether or not time went on in between', async () => {
    const { feed, out } = machine(counted, { ttlMs: 100 })
    await feed({ at: 0 }, { at: 99, after: 99 }, { at: 199, after: 199 })
    expect(out).toEqual(['a count 1', 'a count 2', 'a count 1'])
  })

  test('lets timers fire up to its end, and none after', async () => {
    const { feed, advance, out } = machine(counted, { ttlMs: 100 })
    await feed({ k: 'a', n: 100, at: 0 }, { k: 'b', n: 101, at: 0 })
    await advance(1_000)
    expect(out.slice(2)).toEqual(['a t 1'])
  })
})

describe('wall timers', () => {
  const timed = {
    row: ({ n }: Loose, { timers }: Loose) =>
      n === 0 ? timers.cancel('w') : timers.wall('w', n * 1_000),
    timer: (timer: Loose, { emit, timers, timestamp }: Loose) => {
      emit({ what: `${timer.kind} ${timer.name} ${timestamp}`, n: timer.at })
      if (timer.at < 20_000) timers.wall('w', 5_000)
    },
  }

  test('count from the end of their epoch and fire when told of the time', async () => {
    const { feed, wall, endEpoch, out, operator } = machine(timed)
    await feed({ k: 'a', n: 3, at: 77 }, { k: 'b', n: 2, at: 78 })
    expect(operator.wallDueAt).toBe(Number.POSITIVE_INFINITY)
    endEpoch(10_000)
    expect(operator.wallDueAt).toBe(12_000)
    await wall(12_999)
    expect(out).toEqual(['b wall w 78 12000'])
    await wall(50_000)
    expect(out.slice(1)).toEqual(['a wall w 77 13000'])
    endEpoch(50_000)
    expect(operator.wallDueAt).toBe(55_000)
  })

  test('are cancelled and moved by their name', async () => {
    const { feed, wall, endEpoch, out, operator } = machine(timed)
    await feed({ k: 'a', n: 3, at: 0 }, { k: 'b', n: 2, at: 0 })
    endEpoch(20_000)
    await feed({ k: 'a', n: 0, at: 0 }, { k: 'b', n: 9, at: 0 })
    endEpoch(21_000)
    expect(operator.wallDueAt).toBe(30_000)
    await wall(30_000)
    expect(out).toEqual(['b wall w 0 30000'])
  })
})

describe('short of memory, or started again', () => {
  interface Step {
    readonly records: readonly { k: string; n: number; at: number }[]
    readonly next: 'nothing' | 'commit' | 'trim' | 'restart' | 'wall'
  }
  const busy = {
    row: ({ n }: Loose, { state, timers, emit, timestamp }: Loose) => {
      state.list.clear()
      state.list.push(n, state.total.get() ?? 0)
      state.total.set((state.total.get() ?? 0) + n)
      if (n % 3 === 0) timers.event(`e${n % 2}`, timestamp + n * 100 - 300)
      if (n % 4 === 0) timers.wall('w', n * 10)
      if (n % 5 === 0) timers.cancel('e0')
      if (n === 7) state.total.delete()
      emit({ what: `row ${state.list.values()}`, n: state.total.get() ?? -1 })
    },
    timer: (timer: Loose, { state, emit, timers, watermark }: Loose) => {
      emit({ what: `${timer.kind} ${timer.name} at ${watermark}`, n: state.total.get() ?? -1 })
      if (timer.kind === 'event' && timer.name === 'e0') timers.event('e2', timer.at + 150)
      if (timer.kind === 'wall') timers.event('e1', timer.at % 1_000)
    },
  }
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      records: fc.array(
        fc.record({
          k: fc.constantFrom('a', 'b', 'c', 'd'),
          n: fc.nat(12),
          at: fc.integer({ min: -400, max: 400 }),
        }),
        { maxLength: 6 },
      ),
      next: fc.constantFrom('nothing', 'commit', 'trim', 'restart', 'wall'),
    }),
    { maxLength: 20 },
  ) as fc.Arbitrary<Step[]>

  /** Event time goes on by 200 ms a step; records are older or newer than that. */
  async function outOf(plan: readonly Step[], ttlMs: number | null, isShort: boolean) {
    const space = await memoryBackend().open('task')
    const out: string[] = []
    let memory = new StateMemory(isShort ? 1 : 1e9)
    let at = machine(busy, { ttlMs, memory, batchRecordsMax: 3 })
    await at.openOn(space)
    let watermark = 0
    for (const [i, { records, next }] of plan.entries()) {
      let after = watermark
      const placed = records.map(({ at: offset, ...record }) => {
        const timed = { ...record, at: i * 200 + offset, after }
        after = Math.max(after, timed.at)
        return timed
      })
      watermark = after
      if (placed.length > 0) await at.feed(...placed)
      await at.advance(watermark)
      if (next === 'nothing') continue
      at.endEpoch(i * 100)
      await at.commit()
      if (isShort && next === 'trim') {
        memory.trim()
        memory.trim()
      }
      if (isShort && next === 'restart') {
        out.push(...at.out)
        for (const store of at.operator.stores) store.close()
        expect([memory.usedBytes, memory.heldBytes]).toEqual([0, 0])
        memory = new StateMemory(1)
        at = machine(busy, { ttlMs, memory, batchRecordsMax: 3 })
        await at.openOn(space)
        await at.advance(watermark)
      }
      if (next === 'wall') await at.wall(i * 100)
    }
    await at.advance(1e9)
    await at.wall(1e9)
    at.endEpoch(1e9)
    await at.commit()
    const left = await space.scan(Uint8Array.of(0), Uint8Array.of(9), 100)
    // What is left of the indices is behind nothing that is.
    const states = left.filter(({ key }) => key[0] === 1).map(({ key }) => key)
    return { out: [...out, ...at.out], states }
  }

  test.each([null, 700])(
    'gives the same as with everything in memory, ttl %s',
    async ttlMs => {
      await fc.assert(
        fc.asyncProperty(steps, async plan => {
          expect(await outOf(plan, ttlMs, true)).toEqual(await outOf(plan, ttlMs, false))
        }),
        { numRuns: 40 },
      )
    },
    60_000,
  )
})
