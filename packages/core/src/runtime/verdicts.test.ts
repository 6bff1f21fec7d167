/**
 * The verdicts of a start and what each choice leads to, from outside: what comes out afterwards,
 * where the group's offset is, and that the next start needs no choice.
 */
import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { memoryState } from '../state/memory-backend.ts'
import type { StateBackendFactory } from '../state/state-backend.ts'
import { SimulatedDisk } from '../testing/simulation/simulated-disk.ts'
import { TestDriver } from '../testing/test-driver.ts'
import type { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { tumbling } from '../window/window.ts'
import type { VerdictChoices } from './verdict-choices.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
const LOG = 'shop.sales.changelog'
const PLACE = { topic: 'sales', partition: 0 }

/** Sums per shop in windows of ten seconds, read by key. */
function shop(driver: TestDriver, state: StateBackendFactory) {
  const app = new Application({ id: 'shop', state, ...driver.options })
  const sales = app.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
  const totals = app.topic('totals', { create: { partitions: 1 } })
  app
    .dataframe(sales)
    .window(tumbling('10s'), { name: 'totals' })
    .agg(c => ({ n: sum(c.n), sales: count() }))
    .final()
    .toTopic(totals)
  return { app, sales, totals }
}

const sale = (n: number, timestamp: number) => ({ value: { shop: 'a', n }, timestamp })

interface World {
  readonly driver: TestDriver
  readonly broker: InMemoryBroker
  readonly open: () => ReturnType<typeof shop>
  readonly start: (accept?: VerdictChoices) => Promise<ReturnType<typeof shop>>
  readonly said: string[]
  readonly sums: () => Promise<unknown[]>
  readonly offset: () => number | undefined
}

const STATES = [
  ['in memory', () => memoryState()],
  ['that lasts', (disk: SimulatedDisk) => disk.at('slot')],
] as const

/** Three sales of 1, 2 and 4 in an open window were counted and committed. */
async function counted(stateOf: (disk: SimulatedDisk) => StateBackendFactory): Promise<World> {
  const said: string[] = []
  const warn = (_: object, message: string): void => void said.push(message)
  const driver = new TestDriver({ log: { debug() {}, info() {}, warn, error() {} } })
  const disk = new SimulatedDisk()
  const open = () => shop(driver, stateOf(disk))
  const start = async (accept?: VerdictChoices) => {
    const opened = open()
    await driver.start(opened.app, accept === undefined ? {} : { accept })
    await driver.advance('1s')
    return opened
  }
  const { sales, totals } = await start()
  await driver.feed(sales, [sale(1, 1_000), sale(2, 2_000), sale(4, 3_000)])
  await driver.advance('1s')
  await driver.stop()
  const sums = async () => (await driver.read(totals)).map(({ value }) => value?.['n'])
  const offset = () => driver.broker.committed('shop', PLACE)?.offset
  expect(offset()).toBe(3)
  return { driver, broker: driver.broker, open, start, said, sums, offset }
}

describe.each(STATES)('with state %s', (_, stateOf) => {
  describe.each([
    ['back', 1],
    ['forward', 5],
  ])('an offset that was moved %s', (_way, to) => {
    const moved = async () => {
      const world = await counted(stateOf)
      const { sales } = world.open()
      if (to > 3) await world.driver.feed(sales, [sale(8, 4_000), sale(16, 5_000), sale(32, 6_000)])
      world.broker.setCommitted('shop', { ...PLACE, offset: to, metadata: '' })
      return world
    }

    test('stops the run and says both choices; nothing is touched', async () => {
      const { start, offset, said } = await moved()
      const failed = start()
      await expect(failed).rejects.toThrow(
        `OFFSETS_MOVED: the group's offset is ${to}, and the state ends at 3`,
      )
      for (const choice of ['keep', 'follow']) {
        await expect(failed).rejects.toThrow(`run({ accept: { OFFSETS_MOVED: '${choice}' } })`)
      }
      expect([offset(), said]).toEqual([to, []])
    })

    test('keep: the state counts, and the offset is set back, before anything is read', async () => {
      const { driver, start, offset, said, sums } = await moved()
      await start({ OFFSETS_MOVED: 'keep' })
      expect(said).toEqual([
        'the offset was moved: it is set back to where the state ends, as chosen',
      ])
      await driver.advance('1s')
      expect(offset()).toBe(to > 3 ? 6 : 3)
      await driver.stop()
      await start()
      expect(await driver.state('totals')).toMatchObject([{ n: to > 3 ? 63 : 7 }])
      await driver.advance('1m')
      await driver.stop()
      expect(await sums()).toEqual([to > 3 ? 63 : 7])
    })

    test('follow: state is cleared, and what is read from there on counts', async () => {
      const { driver, start, said, sums } = await moved()
      await start({ OFFSETS_MOVED: 'follow' })
      expect(said).toEqual(['the offset was moved: it is followed with empty state, as chosen'])
      const n = to > 3 ? 32 : 6
      expect(await driver.state('totals')).toMatchObject([{ n }])
      await driver.advance('1s')
      await driver.stop()
      // Another process takes over, from the changelog alone.
      const other = shop(driver, memoryState())
      await driver.start(other.app)
      await driver.advance('1s')
      expect(await driver.state('totals')).toMatchObject([{ n }])
      await driver.advance('1m')
      await driver.stop()
      expect(await sums()).toEqual([n])
      expect(said).toHaveLength(1)
    })
  })

  test('follow reads windows anew that were given out before', async () => {
    const { driver, broker, start, sums } = await counted(stateOf)
    const { sales } = await start()
    await driver.feed(sales, [sale(8, 25_000)])
    await driver.advance('1s')
    await driver.stop()
    expect(await sums()).toEqual([7])
    broker.setCommitted('shop', { ...PLACE, offset: 1, metadata: '' })
    await start({ OFFSETS_MOVED: 'follow' })
    await driver.advance('1m')
    await driver.stop()
    expect(await sums()).toEqual([6, 8])
  })

  test('a choice that a crash keeps from being committed is asked for again', async () => {
    const { driver, broker, open, start, said } = await counted(stateOf)
    broker.setCommitted('shop', { ...PLACE, offset: 1, metadata: '' })
    const { app } = open()
    broker.faults.before('end-commit', () => driver.crash(app))
    await driver.start(app, { accept: { OFFSETS_MOVED: 'follow' } })
    await driver.advance('20s')
    expect(said).toHaveLength(1)
    await expect(start()).rejects.toMatchObject({ code: 'OFFSETS_MOVED' })
    // The state is as it was.
    await start({ OFFSETS_MOVED: 'keep' })
    expect(await driver.state('totals')).toMatchObject([{ n: 7 }])
    await driver.stop()
  })

  test('an offset that has expired changes nothing: the marker says where to go on', async () => {
    const { driver, broker, start, said, sums } = await counted(stateOf)
    broker.expireCommitted('shop', PLACE)
    await start()
    expect(await driver.state('totals')).toMatchObject([{ n: 7 }])
    await driver.advance('1m')
    await driver.stop()
    expect([await sums(), said]).toEqual([[7], []])
  })

  describe('a changelog that was deleted', () => {
    const lost = async () => {
      const world = await counted(stateOf)
      world.broker.deleteTopic(LOG)
      return world
    }

    test('stops the run and says both choices', async () => {
      const { start, said } = await lost()
      const failed = start()
      await expect(failed).rejects.toThrow(
        'STATE_LOST: the group has committed offset 3, and the changelog of the state that',
      )
      for (const choice of ['follow', 'replay']) {
        await expect(failed).rejects.toThrow(`run({ accept: { STATE_LOST: '${choice}' } })`)
      }
      expect(said).toEqual([])
    })

    test.each([
      ['follow: empty state, and what comes from there on', 'follow', 8],
      ['replay: empty state, and all of the input again', 'replay', 15],
    ] as const)('%s', async (_what, choice, n) => {
      const { driver, start, sums, said } = await lost()
      const { sales } = await start({ STATE_LOST: choice })
      expect(said).toEqual(['the state is lost: it is empty from here on, as chosen'])
      await driver.feed(sales, [sale(8, 4_000)])
      await driver.advance('1s')
      await driver.stop()
      await start()
      expect(await driver.state('totals')).toMatchObject([{ n }])
      await driver.advance('1m')
      await driver.stop()
      expect(await sums()).toEqual([n])
      expect(said).toHaveLength(1)
    })
  })

  describe('a changelog whose first records were deleted', () => {
    /** Whoever has no local state can't know what was deleted. */
    const cut = async () => {
      const world = await counted(stateOf)
      const end = world.broker.log(LOG, 0).end
      world.broker.trim(LOG, 0, end - 1)
      const elsewhere = async (accept?: VerdictChoices) => {
        await world.driver.start(shop(world.driver, memoryState()).app, accept ? { accept } : {})
        await world.driver.advance('1s')
      }
      return { ...world, elsewhere }
    }

    test('is gone on from where local state has what was deleted', async () => {
      const { driver, start, said } = await cut()
      const isLasting = (await stateOf(new SimulatedDisk()).create({} as never)).isDurable
      const started = start()
      if (!isLasting) await expect(started).rejects.toMatchObject({ code: 'STATE_LOST' })
      else {
        await started
        expect(await driver.state('totals')).toMatchObject([{ n: 7 }])
        await driver.stop()
      }
      expect(said).toEqual([])
    })

    test('stops who has none, each time, whatever can still be read', async () => {
      const { elsewhere } = await cut()
      for (let n = 0; n < 2; n++) {
        await expect(elsewhere()).rejects.toThrow(
          'STATE_LOST: the first records of the changelog were deleted',
        )
      }
    })

    test.each([
      ['follow', undefined],
      ['replay', 7],
    ] as const)('%s: the choice is made once, and local state is made anew', async (choice, n) => {
      const { driver, elsewhere, said, sums } = await cut()
      await elsewhere({ STATE_LOST: choice })
      expect(await driver.state('totals')).toMatchObject(n === undefined ? [] : [{ n }])
      await driver.stop()
      await elsewhere()
      expect(await driver.state('totals')).toMatchObject(n === undefined ? [] : [{ n }])
      await driver.advance('1m')
      await driver.stop()
      expect(await sums()).toEqual(n === undefined ? [] : [n])
      expect(said).toHaveLength(1)
    })
  })
})

test('a first start commits where it begins before it reads, so a trimmed head is told', async () => {
  const driver = new TestDriver()
  const first = shop(driver, memoryState())
  await driver.feed(first.sales, [sale(1, 1_000), sale(2, 2_000), sale(4, 3_000)])
  await driver.start(first.app)
  expect(driver.broker.committed('shop', PLACE)?.offset).toBe(0)
  expect(first.app.status().tasks[0]?.position).toBe(3)
  driver.crash(first.app)
  driver.broker.trim('sales', 0, 2)
  await expect(
    driver.start(shop(driver, memoryState()).app).then(() => driver.advance('20s')),
  ).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
})

test('the offset of a regrouped input is followed: what is read again counts again', async () => {
  const driver = new TestDriver()
  const open = () => {
    const app = new Application({ id: 'shop', ...driver.options })
    const sales = app.topic('sales', { value: json(Sale) })
    app
      .dataframe(sales)
      .groupBy('shop')
      .window(tumbling('10s'), { name: 'totals' })
      .agg(c => ({ n: sum(c.n) }))
      .final()
      .toTopic(app.topic('totals', { create: { partitions: 1 } }))
    return { app, sales }
  }
  const first = open()
  await driver.start(first.app)
  await driver.feed(first.sales, [sale(1, 1_000), sale(2, 2_000)])
  await driver.advance('2s')
  await driver.stop()
  driver.broker.setCommitted('shop', { ...PLACE, offset: 1, metadata: '' })
  await driver.start(open().app)
  await driver.advance('2s')
  expect(await driver.state('totals')).toMatchObject([{ n: 5 }])
  await driver.stop()
})
