/**
 * What an application does when its disk goes bad: it stops and says so, and loses nothing, as what
 * is on the disk is a copy of what the changelog has.
 */
import {
  Application,
  count,
  json,
  type StateBackendFactory,
  schema,
  sum,
  t,
  tumbling,
} from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { CAN_MOUNT, mountedFolder } from '../test/mounted-folder.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { bootOf } from './boot.ts'
import { chooseEngine } from './choose-engine.ts'
import type { Database } from './engine.ts'
import { classicLevel, diskState, rocksdb } from './rocksdb.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
const BOTH = [
  ['rocksdb', rocksdb],
  ['classic-level', classicLevel],
] as const

function application(driver: TestDriver, state: StateBackendFactory) {
  const app = new Application({ id: 'shop', state, ...driver.options })
  const sales = app.topic('sales', { value: json(Sale) })
  const totals = app.topic('totals')
  app
    .dataframe(sales)
    .groupBy('shop')
    .window(tumbling('1h'), { name: 'totals' })
    .agg(c => ({ n: sum(c.n), sales: count() }))
    .final()
    .toTopic(totals)
  return { app, sales, totals }
}

/** `count` shops sell for 1 each; names are long, so that they need room. */
const sales = (round: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    value: { shop: `${round}-${i}-${'x'.repeat(1_000)}`, n: 1 },
    timestamp: 1_000,
  }))

/** Sells, commits, and so on, until the run stops or much was sold; gives what was fed. */
async function sellOn(driver: TestDriver, { sales: topic }: ReturnType<typeof application>) {
  let fed = 0
  for (let round = 0; round < 40; round++) {
    try {
      fed += 1_000
      await driver.feed(topic, sales(round, 1_000))
      await driver.advance('2s')
    } catch (error) {
      return { fed, error }
    }
  }
  return { fed, error: null }
}

/** Every sale counts once, after a start on a disk that is good. */
async function expectAll(driver: TestDriver, state: StateBackendFactory, fed: number) {
  const next = application(driver, state)
  await driver.start(next.app, { until: 'end', flush: true })
  await driver.advance('10s')
  await driver.stop()
  const rows = (await driver.read(next.totals)).map(({ value }) => value?.['n'])
  expect([rows.length, new Set(rows)]).toEqual([fed, new Set([1])])
}

test('a write that fails stops the run after the commit; the next start has everything', async () => {
  const folder = temporaryFolder()
  let isFull = false
  const { engine } = chooseEngine()
  const open = async (path: string, settings: Parameters<typeof engine.open>[1]) => {
    const database = await engine.open(path, settings)
    const write: Database['write'] = (changes, isSynced) =>
      isFull
        ? Promise.reject(new Error('IO error: No space left on device'))
        : database.write(changes, isSynced)
    return path.endsWith('.lock') ? database : { ...bound(database), write }
  }
  const machine = { choose: () => ({ engine: { ...engine, open }, reason: null }), boot: bootOf }
  const state = diskState('test', folder, {}, machine)
  const driver = new TestDriver()
  const first = application(driver, state)
  await driver.start(first.app)
  await driver.feed(first.sales, sales(0, 10))
  await driver.advance('3s')
  isFull = true
  await driver.feed(first.sales, sales(1, 10))
  await expect(driver.advance('3s')).rejects.toThrow(
    /STATE_UNUSABLE: the disk of .* is full. Make room there, or name another folder/,
  )
  await expect(driver.start(application(driver, state).app)).rejects.toMatchObject({
    code: 'STATE_UNUSABLE',
  })
  isFull = false
  await expectAll(driver, state, 20)
})

describe.runIf(CAN_MOUNT).each(BOTH)('a real disk, with %s', (_, make) => {
  test('that is full stops the run; with room again everything is there', async () => {
    const disk = mountedFolder(64 * 1024 * 1024)
    const driver = new TestDriver()
    const options = { memoryBytes: 4 * 1024 * 1024, compression: false }
    const state = make(disk.folder, options)
    const first = application(driver, state)
    await driver.start(first.app)
    await driver.advance('2s')
    const makeRoom = disk.fill()
    const { fed, error } = await sellOn(driver, first)
    expect(error).toMatchObject({ code: 'STATE_UNUSABLE' })
    expect(String(error)).toContain('is full')
    makeRoom()
    await expectAll(driver, make(disk.folder, options), fed)
  })

  test('that is read-only is refused at the start', async () => {
    const disk = mountedFolder(8 * 1024 * 1024)
    disk.makeReadOnly()
    const driver = new TestDriver()
    await expect(driver.start(application(driver, make(disk.folder)).app)).rejects.toThrow(
      /STATE_UNUSABLE: .* can't be written: it is read-only or belongs to another user/,
    )
  })
})

/** The database with its methods as values. */
function bound(database: Database): Database {
  return {
    getMany: keys => database.getMany(keys),
    scan: (from, to, limit, isReversed) => database.scan(from, to, limit, isReversed),
    write: (changes, isSynced) => database.write(changes, isSynced),
    clear: (from, to) => database.clear(from, to),
    bytesInMemory: () => database.bytesInMemory(),
    close: () => database.close(),
  }
}
