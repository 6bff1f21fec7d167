import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeStateKey } from '../record/format/state-key.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { ValueCodec } from './cells.ts'
import { LayeredStore, type Taken } from './layered-store.ts'
import { memoryBackend } from './memory-backend.ts'
import type { StateEntry, StateSpace } from './state-backend.ts'
import { StateMemory } from './state-memory.ts'

interface Counter {
  n: number
}

const CODEC: ValueCodec<Counter> = {
  write: (value, out) => out.unsigned(value.n),
  read: from => ({ n: from.unsigned() }),
}

/** A store above a space, with the parts of a checkpoint that concern it. */
async function opened(space: StateSpace, bytesMax = 1e9, store = 3) {
  const memory = new StateMemory(bytesMax)
  const made = new LayeredStore({ store, codec: CODEC, memory })
  const forgotten: StateEntry[] = []
  await made.open(space, gone => forgotten.push(...gone))
  const keep = async (sealed = made.seal()): Promise<void> => {
    for (const [from, to] of sealed.cleared) await space.clearRange(from, to)
    await space.write(sealed.entries)
    made.kept()
  }
  const add = (bucket: number, key: string, n = 1): void => {
    const counter = made.get(bucket, key) ?? { n: 0 }
    counter.n += n
    made.set(bucket, key, counter)
  }
  return { store: made, memory, forgotten, keep, add }
}

const newSpace = (): Promise<StateSpace> => memoryBackend().open('task')

/** As a window that closes does. */
async function taken(store: LayeredStore<Counter>, bucket: number): Promise<[string, number][]> {
  const shown = (entries: Taken<Counter>): [string, number][] =>
    entries.map(([key, { n }]) => [key, n])
  const whole = store.takeWhole(bucket)
  if (whole !== null) return shown(whole)
  const pages: [string, number][] = []
  for await (const page of store.takePages(bucket)) pages.push(...shown(page))
  return pages
}

function hexOf(bucket: number, key: string, store = 3): string {
  const out = new ByteWriter()
  writeStateKey(store, bucket, Buffer.from(key, 'latin1'), out)
  return out.copy().toString('hex')
}

const shown = (entries: readonly StateEntry[]): string[] =>
  entries.map(({ key, value }) => `${Buffer.from(key).toString('hex')}=${value?.[0] ?? 'gone'}`)

describe('buckets', () => {
  test('come in the order of their numbers, keys in the order of their bytes', async () => {
    const { store, add } = await opened(await newSpace())
    add(20, 'b')
    add(10, 'ÿ')
    add(20, 'a')
    add(10, '\0')
    add(10, 'aa')
    add(20, 'a')
    expect([store.size, store.smallestBucket(), store.greatestBucket()]).toEqual([5, 10, 20])
    expect(await taken(store, 10)).toEqual([
      ['\0', 1],
      ['aa', 1],
      ['ÿ', 1],
    ])
    expect([store.size, store.smallestBucket(), store.greatestBucket()]).toEqual([2, 20, 20])
    expect(await taken(store, 20)).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    expect([store.size, store.smallestBucket(), store.greatestBucket()]).toEqual([
      0,
      undefined,
      undefined,
    ])
    expect(await taken(store, 20)).toEqual([])
  })

  test('that the space has are known when the store is opened, those of other stores are not', async () => {
    const space = await newSpace()
    for (const [number, buckets] of [
      [2, [1]],
      [3, [7, 50]],
      [4, [99]],
    ] as const) {
      const { add, keep } = await opened(space, 1e9, number)
      for (const bucket of buckets) add(bucket, 'k', number)
      await keep()
    }
    const { store } = await opened(space)
    expect([store.smallestBucket(), store.greatestBucket(), store.size]).toEqual([7, 50, 0])
    expect(await taken(store, 7)).toEqual([['k', 3]])
    expect([store.smallestBucket(), store.greatestBucket()]).toEqual([50, 50])
    expect(await taken(store, 50)).toEqual([['k', 3]])
    expect(store.smallestBucket()).toBe(undefined)
  })

  test('that are taken whole do not come again, wherever the space has others', async () => {
    const { store, add, memory, keep } = await opened(await newSpace(), 1)
    for (const bucket of [50, 100, 150]) add(bucket, 'k')
    await keep()
    // Changed again, it stays while the others go.
    add(100, 'k')
    memory.trim()
    expect(store.size).toBe(1)
    const order: [number, number | undefined][] = []
    for (let turn = 0; turn < 9; turn++) {
      const bucket = store.smallestBucket()
      if (bucket === undefined) break
      order.push([bucket, (await taken(store, bucket))[0]?.[1]])
    }
    expect(order.filter(([, n]) => n !== undefined)).toEqual([
      [50, 1],
      [100, 2],
      [150, 1],
    ])
    expect(store.smallestBucket()).toBe(undefined)
  })

  test('that have come and gone take no memory', async () => {
    const { store, memory, add, keep } = await opened(await newSpace())
    for (let bucket = 0; bucket < 5_000; bucket++) {
      add(bucket, 'k')
      if (bucket % 2 === 0) await keep()
      store.delete(bucket, 'k')
    }
    add(7, 'k')
    await keep()
    store.delete(7, 'k')
    await keep()
    expect([memory.usedBytes, store.smallestBucket(), store.greatestBucket()]).toEqual([
      0,
      undefined,
      undefined,
    ])
  })
})

describe('a seal', () => {
  test('holds what has changed since the last one, each key once', async () => {
    const { store, add } = await opened(await newSpace())
    add(10, 'a')
    add(10, 'b')
    add(10, 'a')
    expect(shown(store.seal().entries)).toEqual([`${hexOf(10, 'a')}=2`, `${hexOf(10, 'b')}=1`])
    expect(store.seal().entries).toEqual([])
    add(10, 'b')
    expect(shown(store.seal().entries)).toEqual([`${hexOf(10, 'b')}=2`])
  })

  test('deletes what was told before, and is silent of what came and went', async () => {
    const { store, add } = await opened(await newSpace())
    add(10, 'a')
    store.seal()
    add(10, 'b')
    store.delete(10, 'b')
    store.delete(10, 'a')
    add(20, 'c')
    await taken(store, 20)
    expect(shown(store.seal().entries)).toEqual([`${hexOf(10, 'a')}=gone`])
  })

  test('deletes what is in the space alone, without asking for it', async () => {
    const space = await newSpace()
    const first = await opened(space)
    first.add(10, 'a')
    first.add(10, 'b')
    await first.keep()
    const { store, keep } = await opened(space)
    store.delete(10, 'a')
    store.set(10, 'b', { n: 2 })
    store.delete(10, 'b')
    store.delete(99, 'nothing')
    await keep()
    expect(await space.scan(Uint8Array.of(3), null, 10)).toEqual([])
  })

  test('a key that went and came again is put, not deleted', async () => {
    const { store, add, keep } = await opened(await newSpace())
    add(10, 'a', 5)
    await keep()
    await taken(store, 10)
    add(10, 'a', 1)
    expect(shown(store.seal().entries)).toEqual([`${hexOf(10, 'a')}=1`])
  })
})

describe('memory', () => {
  test('clean entries go when it is short, and come back with their values', async () => {
    const { store, memory, add, keep } = await opened(await newSpace(), 5_000)
    for (let i = 0; i < 100; i++) add(10, `k${i}`, i)
    memory.trim()
    expect(store.size).toBe(100)
    expect(memory.heldBytes).toBe(memory.usedBytes)
    await keep()
    expect(memory.heldBytes).toBe(0)
    memory.trim()
    expect(memory.usedBytes).toBeLessThanOrEqual(5_000)
    expect(store.size).toBeLessThan(30)
    const wanted = ['k3', 'k97', 'none'].map(key => [10, key] as const)
    await store.prefetch(wanted)
    expect(wanted.map(([bucket, key]) => store.get(bucket, key)?.n)).toEqual([3, 97, undefined])
    expect((await taken(store, 10)).map(([, n]) => n).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
    expect(memory.usedBytes).toBe(0)
  })

  test('dirty and sealed entries stay, however short it is', async () => {
    const { store, memory, add } = await opened(await newSpace(), 1)
    add(10, 'dirty')
    memory.trim()
    expect(store.get(10, 'dirty')?.n).toBe(1)
    store.seal()
    memory.trim()
    expect(store.get(10, 'dirty')?.n).toBe(1)
    store.kept()
    memory.trim()
    memory.trim()
    expect(store.get(10, 'dirty')).toBe(undefined)
  })

  test('a store that is closed takes none', async () => {
    const { store, memory, add, keep } = await opened(await newSpace())
    add(10, 'a')
    await keep()
    add(10, 'a')
    add(10, 'b')
    store.seal()
    add(10, 'b')
    await taken(store, 10)
    add(20, 'c')
    store.close()
    expect([memory.usedBytes, memory.heldBytes]).toEqual([0, 0])
  })
})

test('a bucket too large for memory is taken in pages; its deletions are told at once', async () => {
  const space = await newSpace()
  const { add, keep } = await opened(space)
  for (let i = 0; i < 2_500; i++) add(10, `k${String(i).padStart(4, '0')}`, i)
  add(30, 'later')
  await keep()
  const { store, forgotten, add: addTo, keep: keepOf } = await opened(space)
  await store.prefetch([[10, 'k0001']])
  addTo(10, 'k0001')
  addTo(10, 'k9999', 7)
  const pages: number[] = []
  const values: number[] = []
  for await (const page of store.takePages(10)) {
    pages.push(page.length)
    values.push(...page.map(([, { n }]) => n))
  }
  expect(pages).toEqual([1_000, 1_000, 500, 1])
  expect(values).toEqual([0, 2, ...Array.from({ length: 2_498 }, (_, i) => i + 2), 7])
  expect(forgotten).toHaveLength(2_500)
  expect(store.smallestBucket()).toBe(30)
  const sealed = store.seal()
  expect([sealed.entries, sealed.cleared.length]).toEqual([[], 1])
  await keepOf(sealed)
  expect(await space.scan(Uint8Array.of(3), null, 10)).toHaveLength(1)
})

test('pages of large values are short, also after a start that knows no value yet', async () => {
  const space = await newSpace()
  const codec: ValueCodec<string> = {
    write: (value, out) => out.text(value),
    read: from => Buffer.from(from.bytes(2_000)).toString(),
  }
  const open = async (): Promise<LayeredStore<string>> => {
    const store = new LayeredStore({ store: 3, codec, memory: new StateMemory(1e9) })
    await store.open(space, () => {})
    return store
  }
  const before = await open()
  for (let i = 0; i < 1_300; i++) {
    before.set(10, `k${String(i).padStart(4, '0')}`, String(i % 10).repeat(2_000))
  }
  await space.write(before.seal().entries)
  const pages: number[] = []
  const values: string[] = []
  for await (const page of (await open()).takePages(10)) {
    pages.push(page.length)
    values.push(...page.map(([, value]) => value.slice(0, 1)))
  }
  expect(pages.slice(0, 3)).toEqual([1_000, 65, 65])
  expect(values).toEqual(Array.from({ length: 1_300 }, (_, i) => String(i % 10)))
})

type Act =
  | {
      readonly kind: 'set' | 'delete' | 'look'
      readonly bucket: number
      readonly key: string
      /** Without asking for it before. */
      readonly isBlind: boolean
    }
  | { readonly kind: 'take' | 'close' }
  | { readonly kind: 'seal' | 'keep' | 'trim' | 'crash' | 'list' }

const BUCKETS = [0, 10, 20, 30]

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('set' as const, 'set' as const, 'delete' as const, 'look' as const),
      bucket: fc.constantFrom(...BUCKETS),
      key: fc.constantFrom('', 'a', 'aa', 'b', 'ÿ'),
      isBlind: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('seal', 'keep', 'keep', 'trim', 'trim', 'crash', 'list'),
    }) as fc.Arbitrary<Act>,
  },
)

test('does what a map of maps does, whatever is sealed, kept, let go or lost in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async acts => {
      const space = await newSpace()
      let at = await opened(space, 1)
      const model = new Map<number, Map<string, number>>()
      /** What the changelog would hold. */
      const log = new Map<string, number>()
      let committed = new Map<number, Map<string, number>>()
      let sealed: ReturnType<typeof at.store.seal> | null = null
      let sealedModel = new Map<number, Map<string, number>>()
      let next = 1
      const copy = () => new Map([...model].map(([bucket, keys]) => [bucket, new Map(keys)]))
      const keep = async (): Promise<void> => {
        if (sealed === null) {
          sealed = at.store.seal()
          sealedModel = copy()
        }
        await at.keep(sealed)
        sealed = null
        committed = sealedModel
      }
      for (const each of acts) {
        if (each.kind === 'set' || each.kind === 'delete' || each.kind === 'look') {
          const { bucket, key, isBlind } = each
          if (!isBlind) {
            await at.store.prefetch([[bucket, key]])
            expect(at.store.get(bucket, key)?.n).toBe(model.get(bucket)?.get(key))
          }
          if (each.kind === 'set') {
            at.store.set(bucket, key, { n: next })
            if (!model.has(bucket)) model.set(bucket, new Map())
            model.get(bucket)?.set(key, next++)
          } else if (each.kind === 'delete') {
            at.store.delete(bucket, key)
            model.get(bucket)?.delete(key)
          }
        } else if (each.kind === 'take') {
          const live = [...model].filter(([, keys]) => keys.size > 0).map(([bucket]) => bucket)
          for (;;) {
            const bucket = at.store.smallestBucket()
            const got = bucket === undefined ? [] : await taken(at.store, bucket)
            if (got.length === 0 && bucket !== undefined) continue
            expect(got.length === 0 ? undefined : bucket).toBe(
              live.length === 0 ? undefined : Math.min(...live),
            )
            const want = [...(model.get(bucket as number) ?? [])].sort(([a], [b]) =>
              a < b ? -1 : 1,
            )
            expect(got).toEqual(want)
            model.delete(bucket as number)
            break
          }
        } else if (each.kind === 'seal') {
          if (sealed !== null) continue
          sealed = at.store.seal()
          sealedModel = copy()
        } else if (each.kind === 'keep') await keep()
        else if (each.kind === 'trim') at.memory.trim()
        else if (each.kind === 'list') {
          const listed = await at.store.list()
          const got = listed.map(([bucket, keys]) => [bucket, keys.map(([k, { n }]) => [k, n])])
          const want = [...model]
            .filter(([, keys]) => keys.size > 0)
            .sort(([a], [b]) => a - b)
            .map(([bucket, keys]) => [bucket, [...keys].sort(([a], [b]) => (a < b ? -1 : 1))])
          expect(got).toEqual(want)
        } else {
          at.store.close()
          expect([at.memory.usedBytes, at.memory.heldBytes]).toEqual([0, 0])
          at = await opened(space, 1)
          sealed = null
          model.clear()
          for (const [bucket, keys] of committed) model.set(bucket, new Map(keys))
        }
        for (const { key } of at.forgotten.splice(0)) log.delete(Buffer.from(key).toString('hex'))
      }
    }),
    { numRuns: 400 },
  )
})
