/**
 * The exam of state backends: what is written is there, in byte order, in its own space, until it
 * is closed.
 *
 * A durable backend also passes what is asked after `create` is called a second time on the same
 * place.
 *
 * @example
 * const create = () => memoryState().create({ applicationId: 'exam', log, canRebuild: false })
 * testStateBackend({ describe, test, expect }, { name: 'memory', create })
 */
import { MillraceError } from '../../errors.ts'
import type { StateBackend, StateEntry, StateSpace } from '../../state/state-backend.ts'
import { below, seededRandom } from './seeded-random.ts'
import type { TestHooks } from './test-hooks.ts'

export interface StateBackendExam {
  readonly name: string
  /** A new backend with nothing in it. */
  create(): Promise<StateBackend>
  /** Durable backends: another backend on the place of one that was closed. */
  reopen?(closed: StateBackend): Promise<StateBackend>
}

type Use = (space: StateSpace, backend: StateBackend) => Promise<void>

export function testStateBackend(hooks: TestHooks, exam: StateBackendExam): void {
  const { describe } = hooks
  /** Makes a test of its own backend and space, which are closed after. */
  const withSpace =
    (use: Use): (() => Promise<void>) =>
    async () => {
      const backend = await exam.create()
      try {
        await use(await backend.open('totals/0'), backend)
      } finally {
        await backend.close()
      }
    }
  describe(`the state backend ${exam.name}`, () => {
    testEntries(hooks, withSpace)
    testScans(hooks, withSpace)
    testSpaces(hooks, withSpace)
    testClosing(hooks, withSpace)
    testStats(hooks, withSpace)
    testAgainstModel(hooks, withSpace)
    if (exam.reopen !== undefined) testReopening(hooks, exam.create, exam.reopen)
  })
}

type WithSpace = (use: Use) => () => Promise<void>

function testEntries({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'gives the values of keys in the order of the keys, null where there is none',
    withSpace(async space => {
      await space.write([entry('a', '1'), entry('b', '2')])
      const values = await space.getMany([bytes('b'), bytes('x'), bytes('a'), bytes('b')])
      expect(values.map(text)).toEqual(['2', null, '1', '2'])
      expect(await space.getMany([])).toEqual([])
    }),
  )
  test(
    'replaces a value, and null deletes it',
    withSpace(async space => {
      await space.write([entry('a', '1'), entry('b', '2')])
      await space.write([entry('a', '3'), entry('b', null), entry('never', null)])
      expect((await space.getMany([bytes('a'), bytes('b')])).map(text)).toEqual(['3', null])
    }),
  )
  test(
    'the last of several entries of one key in a batch counts',
    withSpace(async space => {
      await space.write([entry('a', '1'), entry('a', null), entry('a', '2')])
      await space.write([entry('b', '1'), entry('b', null)])
      expect((await space.getMany([bytes('a'), bytes('b')])).map(text)).toEqual(['2', null])
    }),
  )
  test(
    'an empty value is a value, and any bytes are a key',
    withSpace(async space => {
      const keys = [[], [0], [0, 0], [255], [255, 255], [128]].map(key => Uint8Array.from(key))
      await space.write(keys.map((key, i) => ({ key, value: new Uint8Array(i) })))
      const sizes = (await space.getMany(keys)).map(value => value?.length)
      expect(sizes).toEqual([0, 1, 2, 3, 4, 5])
    }),
  )
  test(
    'keeps what was written although the caller uses its arrays again',
    withSpace(async space => {
      const key = bytes('a')
      const value = bytes('1')
      await space.write([{ key, value }])
      key[0] = 0
      value[0] = 0
      expect((await space.getMany([bytes('a')])).map(text)).toEqual(['1'])
    }),
  )
}

function testScans({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'scans from a key to before another, ascending as unsigned bytes',
    withSpace(async space => {
      const keys = [[0x80], [0x7f], [0xff], [], [0], [0x7f, 0], [0x7f, 0xff]]
      await space.write(keys.map(key => ({ key: Uint8Array.from(key), value: bytes('x') })))
      const scan = async (from: number[], to: number[] | null, limit = 100): Promise<string[]> => {
        const end = to === null ? null : Uint8Array.from(to)
        const entries = await space.scan(Uint8Array.from(from), end, limit)
        return entries.map(({ key }) => hex(key))
      }
      expect(await scan([], null)).toEqual(['', '00', '7f', '7f00', '7fff', '80', 'ff'])
      expect(await scan([0x7f], [0x80])).toEqual(['7f', '7f00', '7fff'])
      expect(await scan([0x7f, 1], null, 2)).toEqual(['7fff', '80'])
      expect(await scan([0x80], [0x80])).toEqual([])
      expect(await scan([0xff, 0], null)).toEqual([])
      expect(await scan([], null, 0)).toEqual([])
    }),
  )
  test(
    'scans backwards from the end, descending',
    withSpace(async space => {
      await space.write(['a', 'b', 'c', 'd'].map(key => entry(key, key)))
      const last = async (from: string, to: string | null, limit: number): Promise<string[]> =>
        (await space.scan(bytes(from), to === null ? null : bytes(to), limit, true)).map(shown)
      expect(await last('a', null, 2)).toEqual(['d=d', 'c=c'])
      expect(await last('a', 'd', 1)).toEqual(['c=c'])
      expect(await last('b', 'c', 9)).toEqual(['b=b'])
      expect(await last('b', 'b', 9)).toEqual([])
    }),
  )
  test(
    'clears a range from a key to before another',
    withSpace(async space => {
      await space.write(['a', 'b', 'c', 'd'].map(key => entry(key, key)))
      await space.clearRange(bytes('b'), bytes('d'))
      await space.clearRange(bytes('x'), bytes('z'))
      const left = await space.scan(new Uint8Array(0), null, 9)
      expect(left.map(shown)).toEqual(['a=a', 'd=d'])
    }),
  )
  test(
    'a scan sees what the last write changed',
    withSpace(async space => {
      const all = async (): Promise<string[]> =>
        (await space.scan(new Uint8Array(0), null, 10)).map(shown)
      await space.write([entry('a', '1'), entry('c', '3')])
      expect(await all()).toEqual(['a=1', 'c=3'])
      await space.write([entry('b', '2'), entry('a', null), entry('c', '4')])
      expect(await all()).toEqual(['b=2', 'c=4'])
      await space.clear()
      expect(await all()).toEqual([])
      await space.write([entry('d', '5')])
      expect(await all()).toEqual(['d=5'])
    }),
  )
}

function testSpaces({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'spaces are apart, also when their names begin alike',
    withSpace(async (space, backend) => {
      const other = await backend.open('totals/01')
      await space.write([entry('a', '1')])
      await other.write([entry('a', '2'), entry('b', '3')])
      await space.clear()
      expect(await space.scan(new Uint8Array(0), null, 10)).toEqual([])
      expect((await other.scan(new Uint8Array(0), null, 10)).map(shown)).toEqual(['a=2', 'b=3'])
    }),
  )
  test(
    'a space is open at most once, and has what it had when it is opened again',
    withSpace(async (space, backend) => {
      await space.write([entry('a', '1')])
      expect(await isRefused(backend.open('totals/0'))).toBe(true)
      await space.close()
      const again = await backend.open('totals/0')
      expect((await again.getMany([bytes('a')])).map(text)).toEqual(['1'])
    }),
  )
}

function testClosing({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'a closed space refuses every call with STATE_CLOSED, and closes again',
    withSpace(async space => {
      await space.close()
      await space.close()
      expect(await codeOf(space.getMany([bytes('a')]))).toBe('STATE_CLOSED')
      expect(await codeOf(space.scan(bytes('a'), null, 1))).toBe('STATE_CLOSED')
      expect(await codeOf(space.write([entry('a', '1')]))).toBe('STATE_CLOSED')
      expect(await codeOf(space.clear())).toBe('STATE_CLOSED')
      expect(await codeOf(space.clearRange(bytes('a'), bytes('b')))).toBe('STATE_CLOSED')
    }),
  )
  test(
    'a closed backend has closed its spaces, opens no other, and closes again',
    withSpace(async (space, backend) => {
      await backend.close()
      await backend.close()
      expect(await codeOf(space.getMany([]))).toBe('STATE_CLOSED')
      expect(await codeOf(backend.open('other'))).toBe('STATE_CLOSED')
    }),
  )
}

function testStats({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'counts what was read, found and written',
    withSpace(async (space, backend) => {
      await space.write([entry('a', '12'), entry('b', null)])
      await space.getMany([bytes('a'), bytes('b'), bytes('c')])
      const { keysRead, keysFound, entriesWritten, bytesWritten } = await backend.stats()
      expect([keysRead, keysFound, entriesWritten, bytesWritten]).toEqual([3, 1, 2, 4])
    }),
  )
  test(
    'has a slot, whose name can be part of other names',
    withSpace(async (_, backend) => {
      expect(/^[a-zA-Z0-9-]{1,64}$/.test(backend.slot)).toBe(true)
    }),
  )
}

const ROUNDS = 60

/** Many random batches over few keys, against a plain map. */
function testAgainstModel({ test, expect }: TestHooks, withSpace: WithSpace): void {
  test(
    'does what a sorted map does',
    withSpace(async space => {
      const random = seededRandom(1)
      const model = new Map<string, string>()
      const key = (): string => 'abcde'.slice(below(random, 5)) + below(random, 4)
      for (let round = 0; round < ROUNDS; round++) {
        const batch = Array.from({ length: below(random, 8) }, (_, i) => {
          return entry(key(), below(random, 3) === 0 ? null : `${round}.${i}`)
        })
        await space.write(batch)
        for (const written of batch) {
          if (written.value === null) model.delete(text(written.key) as string)
          else model.set(text(written.key) as string, text(written.value) as string)
        }
        const [from, to] = [key(), key()]
        const expected = [...model.keys()].sort().filter(name => name >= from && name < to)
        const got = await space.scan(bytes(from), bytes(to), 1000)
        expect(got.map(shown)).toEqual(expected.map(name => `${name}=${model.get(name)}`))
      }
    }),
  )
}

function testReopening(
  { test, expect }: TestHooks,
  create: StateBackendExam['create'],
  reopen: NonNullable<StateBackendExam['reopen']>,
): void {
  test('what was written is there after the backend was closed and opened again', async () => {
    const first = await create()
    await (await first.open('totals/0')).write([entry('a', '1'), entry('b', null)])
    await first.close()
    const second = await reopen(first)
    try {
      expect(second.isDurable).toBe(true)
      expect(second.slot).toBe(first.slot)
      const space = await second.open('totals/0')
      expect((await space.scan(new Uint8Array(0), null, 10)).map(shown)).toEqual(['a=1'])
    } finally {
      await second.close()
    }
  })
}

function bytes(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value))
}

function entry(key: string, value: string | null): StateEntry {
  return { key: bytes(key), value: value === null ? null : bytes(value) }
}

function text(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString()
}

function shown({ key, value }: StateEntry): string {
  return `${text(key)}=${text(value)}`
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise
    return null
  } catch (error) {
    return MillraceError.is(error) ? error.code : String(error)
  }
}

async function isRefused(promise: Promise<unknown>): Promise<boolean> {
  return (await codeOf(promise)) !== null
}
