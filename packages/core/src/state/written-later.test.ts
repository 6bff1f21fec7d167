import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LOCAL_POSITION_KEY, MARKER_KEY } from '../record/format/state-key.ts'
import { testStateBackend } from '../testing/conformance/state-backend.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { writeInPages } from './entry-pages.ts'
import { memoryBackend } from './memory-backend.ts'
import type { StateBackend, StateEntry, StateSpace, StateStats } from './state-backend.ts'
import { WrittenLater, type WrittenLaterOptions } from './written-later.ts'

const MINUTE = 60_000
const ALL = new Uint8Array(0)
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const entry = (key: string, value: string | null): StateEntry => ({
  key: bytes(key),
  value: value === null ? null : bytes(value),
})
const text = (of: Uint8Array | null): string | null => of && Buffer.from(of).toString('latin1')
const shown = ({ key, value }: StateEntry): string => `${text(key)}=${text(value)}`
const listed = async (space: StateSpace): Promise<string[]> =>
  (await space.scan(ALL, null, 10_000)).map(shown)

/** Its spaces are written later; counts what they are asked, as less comes to those below. */
function laterBackend(bytesMax: number): StateBackend {
  const below = memoryBackend()
  const counts = { keysRead: 0, keysFound: 0, entriesWritten: 0, bytesWritten: 0 }
  const spaces: StateSpace[] = []
  return {
    name: 'later',
    isDurable: false,
    slot: below.slot,
    async open(name) {
      const options = { clock: new ManualClock(), bytesMax: () => bytesMax }
      const space = new Counted(await below.open(name), options, counts)
      spaces.push(space)
      return space
    },
    stats: async () => ({ ...(await below.stats()), ...counts }),
    async close() {
      for (const space of spaces) await space.close()
      await below.close()
    },
  }
}

type Counts = Pick<StateStats, 'keysRead' | 'keysFound' | 'entriesWritten' | 'bytesWritten'>

class Counted extends WrittenLater {
  readonly #counts: { -readonly [K in keyof Counts]: number }

  constructor(below: StateSpace, options: WrittenLaterOptions, counts: Counts) {
    super(below, options)
    this.#counts = counts
  }

  override async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    const found = await super.getMany(keys)
    this.#counts.keysRead += keys.length
    this.#counts.keysFound += found.filter(value => value !== null).length
    return found
  }

  override async write(entries: readonly StateEntry[]): Promise<void> {
    await super.write(entries)
    this.#counts.entriesWritten += entries.length
    for (const { key, value } of entries) {
      this.#counts.bytesWritten += key.length + (value?.length ?? 0)
    }
  }
}

for (const bytesMax of [0, 1_800, Number.POSITIVE_INFINITY]) {
  const create = async (): Promise<StateBackend> => laterBackend(bytesMax)
  testStateBackend({ describe, test, expect }, { name: `memory, ${bytesMax} later`, create })
}

/** A space in memory, what was written to it, and one that is written later above it. */
async function setUp(bytesMax = Number.POSITIVE_INFINITY) {
  const backend = memoryBackend()
  const below = await backend.open('space')
  const writes: string[][] = []
  const write = below.write.bind(below)
  const disk = { isFull: false, onWrite: async (): Promise<void> => {} }
  below.write = async entries => {
    if (disk.isFull) throw new Error('no room')
    writes.push(entries.map(shown))
    await write(entries)
    await disk.onWrite()
  }
  const clock = new ManualClock()
  const space = new WrittenLater(below, { clock, bytesMax: () => bytesMax })
  return { below, space, writes, clock, disk, reopen: () => backend.open('space') }
}

describe('what is written down', () => {
  test('is the last value of each key, ten seconds after the first was taken', async () => {
    const { space, writes, clock } = await setUp()
    await space.write([entry('a', '1'), entry('b', '1')])
    await clock.advance(9_999)
    await space.write([entry('a', '2'), entry('c', '1')])
    expect(writes).toEqual([])
    await clock.advance(1)
    await space.write([entry('b', null)])
    expect(writes).toEqual([['a=2', 'c=1']])
  })

  test('is nothing of what came and went', async () => {
    const { space, below, writes, clock } = await setUp()
    await space.write([entry('a1', '1')])
    await clock.advance(MINUTE)
    await space.write([entry('a2', '2')])
    expect(writes.splice(0)).toEqual([['a1=1', 'a2=2']])
    await space.write([entry('a3', '3'), entry('a4', '4')])
    await space.write([entry('a3', null), entry('a1', null)])
    await space.clearRange(bytes('a4'), bytes('a5'))
    await clock.advance(MINUTE)
    await space.write([])
    expect([writes, await listed(below)]).toEqual([[['a1=null']], ['a2=2']])
  })

  test('is a deletion of what was below before the space was opened', async () => {
    const first = await setUp()
    await first.space.write([entry('a1', '1'), entry('b1', '1')])
    await first.space.close()
    const below = await first.reopen()
    const space = new WrittenLater(below, { clock: new ManualClock(), bytesMax: () => 1e9 })
    await space.write([entry('a1', null)])
    await space.clearRange(bytes('b'), bytes('c'))
    expect(await listed(space)).toEqual([])
    expect(await listed(below)).toEqual([])
  })

  test('is everything when there is more than may be in memory', async () => {
    const { space, writes } = await setUp(3_000)
    await space.write([entry('a', '1')])
    expect(writes).toEqual([])
    await space.write(Array.from({ length: 20 }, (_, i) => entry(`b${i}`, 'x'.repeat(100))))
    expect(writes).toHaveLength(1)
    expect(writes[0]).toHaveLength(21)
  })

  test('is what is large, at once', async () => {
    const { space, below, writes } = await setUp()
    await space.write([entry('a', '1'), entry('b', '1')])
    await space.write([entry('a', LARGE)])
    await space.write([{ ...entry('', LARGE), key: MARKER_KEY }])
    expect(writes).toEqual([[`a=${LARGE}`]])
    expect((await space.getMany([bytes('a'), bytes('b')])).map(text)).toEqual([LARGE, '1'])
    await space.write([entry('a', null)])
    await space.clearRange(MARKER_KEY, Uint8Array.of(1))
    expect([await listed(space), await listed(below)]).toEqual([['b=1'], ['b=1']])
  })

  test('is everything when the space closes, and before a range is read', async () => {
    const { space, below, writes, reopen } = await setUp()
    await space.write([entry('a', '1')])
    expect(await listed(space)).toEqual(['a=1'])
    expect(writes).toHaveLength(1)
    await space.write([entry('b', '1')])
    await space.close()
    expect(writes).toHaveLength(2)
    expect(await listed(await reopen())).toEqual(['a=1', 'b=1'])
    await expect(below.getMany([])).rejects.toMatchObject({ code: 'STATE_CLOSED' })
  })

  test('is everything, at once, when the position is taken back', async () => {
    const { space, below, writes, clock } = await setUp()
    const position = { key: LOCAL_POSITION_KEY, value: bytes('1') }
    await space.write([position, entry('a', '1')])
    await clock.advance(MINUTE)
    await space.write([entry('b', '1')])
    writes.splice(0)
    await space.write([{ ...position, value: null }])
    await space.write([entry('a', null)])
    expect(writes).toEqual([['\x00\x01=null']])
    expect(await listed(below)).toEqual(['a=1', 'b=1'])
  })

  test('stays in memory when it could not be written, and is written again', async () => {
    const { space, clock, disk, below } = await setUp()
    await space.write([entry('a', '1')])
    disk.isFull = true
    await clock.advance(MINUTE)
    await expect(space.write([entry('b', '1')])).rejects.toThrow('no room')
    expect((await space.getMany([bytes('a'), bytes('b')])).map(text)).toEqual(['1', '1'])
    disk.isFull = false
    await space.write([entry('b', '2')])
    expect(await listed(below)).toEqual(['a=1', 'b=2'])
  })

  test('is seen while it is being written', async () => {
    const { space, clock, disk } = await setUp()
    await space.write([entry('a', '1')])
    const seen: (string | null)[] = []
    disk.onWrite = async () => {
      seen.push(...(await space.getMany([bytes('a'), bytes('b')])).map(text))
    }
    await clock.advance(MINUTE)
    await space.write([entry('b', '2')])
    expect(seen).toEqual(['1', '2'])
  })
})

const KEY = fc
  .tuple(fc.constantFrom('\x01', '\x02', '\xff'), fc.nat(4), fc.nat(1))
  .map(([store, bucket, key]) => `${store}${bucket}${'k'.repeat(key)}`)
const TEXT = fc.string({ unit: 'binary-ascii', maxLength: 30 })
const VALUE = fc.option(
  fc.tuple(TEXT, fc.nat(3)).map(([short, size]) => (size === 0 ? short.padEnd(300) : short)),
  { freq: 2 },
)
const WRITTEN = fc.array(fc.tuple(KEY, VALUE), { maxLength: 12 })

type Act = (space: StateSpace, clock: ManualClock) => Promise<unknown>
const ACT: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: WRITTEN.map(
      (written): Act =>
        of =>
          of.write(written.map(([key, value]) => entry(key, value))),
    ),
  },
  {
    weight: 2,
    arbitrary: WRITTEN.map(
      (written): Act =>
        async of => {
          const space = of instanceof WrittenLater ? await of.down() : of
          await space.write(written.map(([key, value]) => entry(key, value)))
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.array(KEY).map(
      (keys): Act =>
        async of =>
          (await of.getMany(keys.map(bytes))).map(text),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(KEY, KEY).map(
      ([from, to]): Act =>
        of =>
          of.clearRange(bytes(from), bytes(to)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(KEY, KEY, fc.nat(5), fc.boolean()).map(
      ([from, to, limit, isReversed]): Act =>
        async of =>
          (await of.scan(bytes(from), bytes(to), limit, isReversed)).map(shown),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>(of => of.clear()) },
  { weight: 1, arbitrary: fc.constant<Act>((_, clock) => clock.advance(MINUTE)) },
)

test('does what a space does that is written at once', async () => {
  const acts = fc.array(ACT, { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(acts, fc.constantFrom(0, 2_500, 1e9), async (toDo, bytesMax) => {
      const { below, space, clock, reopen } = await setUp(bytesMax)
      const model = await memoryBackend().open('model')
      for (const of of [below, model]) await of.write([entry('\x013', 'was there')])
      for (const act of toDo) {
        expect(await act(space, clock)).toEqual(await act(model, new ManualClock()))
      }
      const expected = await listed(model)
      await space.close()
      expect(await listed(await reopen())).toEqual(expected)
    }),
    { numRuns: 400 },
  )
})

/** Larger than what waits. */
const LARGE = 'x'.repeat(300)
/** So many small entries are more than a page. */
const BULK = Array.from({ length: 2_500 }, (_, i) => `\x013bulk${i}`)
const EPOCH = fc.record({
  written: fc.uniqueArray(
    fc.tuple(KEY, fc.option(fc.constantFrom('1', '2', '3', '4', LARGE), { freq: 3 })),
    {
      selector: ([key]) => key,
      maxLength: 6,
    },
  ),
  cleared: fc.option(fc.tuple(KEY, KEY), { freq: 2 }),
  bulk: fc.option(fc.constantFrom('1', '2'), { freq: 2 }),
  isLate: fc.integer({ min: 0, max: 3 }),
})

test('what a crash leaves is made good by the changelog from the position on', async () => {
  const epochs = fc.array(EPOCH, { minLength: 1, maxLength: 7 })
  await fc.assert(
    fc.asyncProperty(epochs, fc.constantFrom(0, 3_000, 1e9), async (toDo, bytesMax) => {
      const { below, space, clock, disk } = await setUp(bytesMax)
      const left: Map<string, string>[] = []
      disk.onWrite = async () => {
        left.push(new Map((await listed(below)).map(each => each.split('=') as [string, string])))
      }
      const changelog: (readonly [string, string | null])[][] = []
      const live = new Map<string, string>()
      for (const [epoch, { written: few, bulk, cleared, isLate }] of toDo.entries()) {
        if (isLate === 0) await clock.advance(MINUTE)
        const many = bulk === null ? [] : BULK.map(key => [key, bulk.padEnd(240)] as const)
        const written = [...few, ...many]
        const [from, to] = cleared ?? ['', '']
        const gone = [...live.keys()].filter(key => key >= from && key < to)
        const changes = [...gone.map(key => [key, null] as const), ...written]
        changelog.push(changes)
        apply(changes, live)
        await space.clearRange(bytes(from), bytes(to))
        await disk.onWrite()
        const position = { key: LOCAL_POSITION_KEY, value: bytes(String(epoch + 1)) }
        await writeInPages(space, [...written.map(([key, value]) => entry(key, value)), position])
      }
      await space.close()
      const position = text(LOCAL_POSITION_KEY) as string
      for (const state of left) {
        const from = Number(state.get(position) ?? 0)
        state.delete(position)
        for (const changes of changelog.slice(from)) apply(changes, state)
        expect([...state].sort()).toEqual([...live].sort())
      }
      expect(left.length).toBeGreaterThan(0)
    }),
    { numRuns: 12 },
  )
})

function apply(changes: readonly (readonly [string, string | null])[], to: Map<string, string>) {
  for (const [key, value] of changes) {
    if (value === null) to.delete(key)
    else to.set(key, value)
  }
}
