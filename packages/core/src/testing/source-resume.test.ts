/** What a user sees of sources that are resumed, and of sources that are not what they were. */
import { describe, expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import { deadLetter } from '../api/dead-letter.ts'
import { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { fromArray } from '../source/array-source.ts'
import { replay } from '../source/replay.ts'
import type { Source } from '../source/source.ts'
import { TestDriver, type TestRunOptions } from './test-driver.ts'
import { watchCheckpoint } from './watch-checkpoint.ts'

const Row = schema({ n: t.int32() })
const rows = (...ns: unknown[]) => ns.map(n => ({ n }))
const numbers = (ns: unknown[], options: { readonly partitions?: number } = {}) =>
  fromArray(rows(...ns), { schema: Row, ...options })

/** Runs on one broker, one after the other; each gives what it wrote. */
function runs(resume: string | null = 'numbers') {
  const driver = new TestDriver()
  const run = async (source: Source<{ n: number }>, options: TestRunOptions = {}) => {
    const app = new Application({ id: 'app', ...driver.options })
    const out = app.topic('out', { value: json(Row), create: { partitions: 1 } })
    app.dataframe(source, resume === null ? {} : { resume }).toTopic(out)
    await driver.start(app, options)
    return (await driver.read(out)).map(({ value }) => value?.n)
  }
  return { driver, run }
}

test('a run that has ended well is gone on from: what is new is read, and nothing else', async () => {
  const { run } = runs()
  expect(await run(numbers([1, 2, 3]))).toEqual([1, 2, 3])
  expect(await run(numbers([1, 2, 3]))).toEqual([])
  expect(await run(numbers([1, 2, 3, 4]))).toEqual([4])
})

test('without resume every run reads everything', async () => {
  const { run } = runs(null)
  for (let i = 0; i < 2; i++) expect(await run(numbers([1, 2, 3]))).toEqual([1, 2, 3])
})

test('another name reads everything once more', async () => {
  const driver = new TestDriver()
  for (const resume of ['first', 'second']) {
    const app = new Application({ id: 'app', ...driver.options })
    const out = app.topic('out', { create: { partitions: 1 } })
    app.dataframe(numbers([1, 2]), { resume }).toTopic(out)
    await driver.start(app)
    expect(await driver.read(out)).toHaveLength(2)
    expect(driver.broker.topics()).toContain(`app.${resume}.source`)
  }
})

test('a frame that is collected gives all of its source, and moves nothing', async () => {
  const { driver, run } = runs()
  const app = new Application({ id: 'app', ...driver.options })
  const frame = app.dataframe(numbers([1, 2]), { resume: 'numbers' })
  for (let i = 0; i < 2; i++) expect(await frame.collect()).toEqual(rows(1, 2))
  expect(await run(numbers([1, 2]))).toEqual([1, 2])
  expect(await frame.collect()).toEqual(rows(1, 2))
})

test('numbers of records go on, also those of a bad row that is a dead letter once', async () => {
  const ns = [1, 'x', 2, 'y', 'z', 3, 4, 'u']
  const onError = deadLetter('dead')
  // So a read ends right behind a bad row.
  const options = { guarantee: 'exactly-once', onError, batchRecordsMax: 1 } as const
  const run = async (driver: TestDriver, stopsAt?: number) => {
    const app = new Application({ id: 'app', ...driver.options, ...options })
    const out = app.topic('out', { value: json(Row), create: { partitions: 1 } })
    const source = fromArray(
      ns.map((n, i) => ({ n, at: i * 1_000 })),
      { schema: schema({ n: t.int32(), at: t.timestamp() }), timestamp: 'at' },
    )
    app
      .dataframe(replay(source, { speed: 1 }), { resume: 'numbers' })
      .select('n')
      .toTopic(out)
    await driver.start(app)
    for (let i = 0; i < (stopsAt ?? 20); i++) await driver.advance('1s')
    if (stopsAt !== undefined && driver.clientOf(app) !== null) driver.crash(app)
    return (await driver.read(out)).map(({ value }) => value?.n)
  }
  for (let stopsAt = 0; stopsAt < 8; stopsAt++) {
    const driver = new TestDriver()
    const values = [...(await run(driver, stopsAt)), ...(await run(driver))]
    expect(values.sort(), `stopped after ${stopsAt} s`).toEqual([1, 2, 3, 4])
    const letters = driver.broker.read('dead').map(({ value }) => String(value))
    expect(letters.map(letter => JSON.parse(letter).n).sort()).toEqual(['u', 'x', 'y', 'z'])
  }
})

describe('a source that is not what it was', () => {
  const failed = async (act: Promise<unknown>): Promise<string> => {
    const error = await act.then(
      () => null,
      each => each,
    )
    return MillraceError.is(error) ? error.message : `${error}`
  }

  test('under another name is refused, and goes on where that was chosen', async () => {
    const { run } = runs()
    await run(numbers([1, 2]))
    const moved = Object.freeze({ ...numbers([1, 2, 3]), name: 'moved' })
    expect(await failed(run(moved))).toMatch(
      /SOURCE_CHANGED: what is resumed as "numbers" was "array" at the last commit, and is "moved"/,
    )
    expect(await run(moved, { accept: { SOURCE_CHANGED: 'keep' } })).toEqual([3])
    expect(await run(moved)).toEqual([])
  })

  test.each([1, 3])('in %s partitions instead of 2 is refused', async partitions => {
    const { run } = runs()
    await run(numbers([1, 2], { partitions: 2 }))
    expect(await failed(run(numbers([1, 2], { partitions })))).toMatch(
      new RegExp(`SOURCE_CHANGED: array, .* had 2 partitions .* and has ${partitions} now`),
    )
  })

  test('whose topic is gone is refused, and read from its beginning where chosen', async () => {
    const { driver, run } = runs()
    await run(numbers([1, 2]))
    driver.broker.deleteTopic('app.numbers.source')
    expect(await failed(run(numbers([1, 2, 3])))).toMatch(/STATE_LOST: array was read before/)
    const chosen = { accept: { STATE_LOST: 'replay' } } as const
    expect(await run(numbers([1, 2, 3]), chosen)).toEqual([1, 2, 3])
    expect(await run(numbers([1, 2, 3, 4]))).toEqual([4])
  })
})

test('two processes share the partitions of a source, and the one that is left takes all', async () => {
  const driver = new TestDriver()
  const ns = Array.from({ length: 20 }, (_, n) => ({ n, at: n * 500 }))
  const both = schema({ n: t.int32(), at: t.timestamp() })
  const start = async () => {
    const app = new Application({ id: 'app', ...driver.options, guarantee: 'exactly-once' })
    const out = app.topic('out', { value: json(Row), create: { partitions: 1 } })
    const source = fromArray(ns, { schema: both, timestamp: 'at', partitions: 4 })
    app
      .dataframe(replay(source, { speed: 1 }), { resume: 'numbers' })
      .select('n')
      .toTopic(out)
    let commits = 0
    watchCheckpoint(app, (step, moment) => {
      if (step === 'publish' && moment === 'after') commits++
    })
    await driver.start(app)
    return { app, out, commits: () => commits }
  }
  const [first, second] = [await start(), await start()]
  for (let i = 0; i < 4; i++) await driver.advance('1s')
  expect([first.app, second.app].map(app => app.status().tasks.length)).toEqual([2, 2])
  driver.crash(first.app)
  for (let i = 0; i < 40; i++) await driver.advance('1s')
  expect(second.app.status().state).toBe('stopped')
  const values = (await driver.read(second.out)).map(({ value }) => value?.n as number)
  expect(values.sort((a, b) => a - b)).toEqual(ns.map(({ n }) => n))
})
