import { describe, expect, test } from 'vitest'
import type { StateContext } from '../../state/state-backend.ts'
import { testStateBackend } from '../conformance/state-backend.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const KEY = Uint8Array.of(1)
const CONTEXT: StateContext = {
  applicationId: 'app',
  log: { info() {}, warn() {} },
  canRebuild: true,
}
const to = (value: number) => [{ key: KEY, value: Uint8Array.of(value) }]

/** A slot with one space, and what its key has. */
async function opened(disk: SimulatedDisk) {
  const backend = await disk.at('a').create(CONTEXT)
  const space = await backend.open('totals/0')
  return { backend, space, value: async () => (await space.getMany([KEY]))[0]?.[0] ?? null }
}

test('a slot has what its last holder wrote, and that holder is out', async () => {
  const disk = new SimulatedDisk()
  const before = await opened(disk)
  await before.space.write(to(7))
  const after = await opened(disk)
  expect([after.backend.slot, after.backend.isDurable]).toEqual(['a', true])
  expect(await after.value()).toBe(7)
  await expect(before.space.write([])).rejects.toThrow('STATE_CLOSED')
  await expect(before.backend.open('totals/1')).rejects.toThrow('STATE_CLOSED')
})

test('slots are apart, and one that was closed can be taken again', async () => {
  const disk = new SimulatedDisk()
  const a = await opened(disk)
  await a.space.write(to(7))
  await a.backend.close()
  const b = await disk.at('b').create(CONTEXT)
  expect(await (await b.open('totals/0')).getMany([KEY])).toEqual([null])
  expect(await (await opened(disk)).value()).toBe(7)
})

describe('what happens to a disk', () => {
  test('a full one takes no batch, until there is room', async () => {
    const disk = new SimulatedDisk()
    const { space, value } = await opened(disk)
    disk.fill('a', true)
    await expect(space.write(to(1))).rejects.toThrow('STATE_UNUSABLE')
    expect(await value()).toBe(null)
    disk.fill('a', false)
    await space.write(to(2))
    expect(await value()).toBe(2)
  })

  test('one that loses its power loses the last batches as a whole', async () => {
    const disk = new SimulatedDisk()
    const { backend, space } = await opened(disk)
    const other = await backend.open('totals/1')
    await space.write(to(1))
    await other.write(to(1))
    await space.write(to(2))
    await other.write([{ key: KEY, value: null }])
    disk.loseTail('a', 2)
    const after = await disk.at('a').create(CONTEXT)
    for (const name of ['totals/0', 'totals/1']) {
      expect(await (await after.open(name)).getMany([KEY]), name).toEqual([Uint8Array.of(1)])
    }
  })

  test('a torn one is found at the next start, and is empty then', async () => {
    const disk = new SimulatedDisk()
    await (await opened(disk)).space.write(to(1))
    disk.tear('a')
    await expect(disk.at('a').create({ ...CONTEXT, canRebuild: false })).rejects.toThrow(
      'STATE_CORRUPT',
    )
    expect(await (await opened(disk)).value()).toBe(null)
  })

  test('a copy has what was there, and a deleted one nothing', async () => {
    const disk = new SimulatedDisk()
    const first = await opened(disk)
    expect(disk.putBack('a')).toBe(false)
    await first.space.write(to(1))
    disk.copy('a')
    await first.space.write(to(2))
    expect(disk.putBack('a')).toBe(true)
    expect(await (await opened(disk)).value()).toBe(1)
    disk.wipe('a')
    expect(await (await opened(disk)).value()).toBe(null)
  })

  test('a process that is dead when it writes has written nothing', async () => {
    const disk = new SimulatedDisk()
    let isDead = false
    const pass = () => (isDead ? new Promise<void>(() => {}) : Promise.resolve())
    const moments: string[] = []
    const user = { pass, onWrite: (moment: string) => void moments.push(moment) }
    const space = await (await disk.at('a', user).create(CONTEXT)).open('totals/0')
    await space.write(to(1))
    isDead = true
    void space.write(to(2))
    await new Promise(resolve => setImmediate(resolve))
    expect(moments).toEqual(['before', 'after'])
    expect(await (await opened(disk)).value()).toBe(1)
  })
})

let exams = 0
const disk = new SimulatedDisk()
testStateBackend(
  { describe, test, expect },
  {
    name: 'simulated disk',
    create: () => disk.at(`exam-${++exams}`).create(CONTEXT),
    reopen: closed => disk.at(closed.slot).create(CONTEXT),
  },
)
