import { chmodSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { StateProcess } from '../test/state-process.ts'
import { contextOf, temporaryFolder } from '../test/temporary-folder.ts'
import { classicLevel, rocksdb } from './rocksdb.ts'

const BOTH = [
  ['rocksdb', rocksdb],
  ['classic-level', classicLevel],
] as const
const KEYS = 500
const ROUNDS = 5

describe.each(BOTH)('processes with state in %s', (engine, make) => {
  test('killed in the middle of writing, a batch is there whole or not at all', async () => {
    const folder = temporaryFolder()
    const names = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const other = await StateProcess.start()
      await other.call('open', engine, folder)
      other.send('writeForever', KEYS)
      let acknowledged = 0
      while (acknowledged < ROUNDS) acknowledged = (await other.hear()) as number
      await other.kill()

      const backend = await make(folder).create(contextOf())
      names.add(backend.slot)
      const space = await backend.open('totals/0')
      const entries = await space.scan(new Uint8Array(0), null, KEYS * 2)
      const values = new Set(entries.map(({ value }) => Number(String(value).replaceAll('.', ''))))
      expect([entries.length, values.size]).toEqual([KEYS, 1])
      expect(Math.min(...values)).toBeGreaterThanOrEqual(acknowledged)
      await space.clear()
      await backend.close()
    }
    // The lock of a killed process is nobody's, and its slot has the same name.
    expect(names.size).toBe(1)
  })

  test('two processes have two slots; one that is restarted has its own again', async () => {
    const folder = temporaryFolder()
    const [one, two] = await Promise.all([StateProcess.start(), StateProcess.start()])
    const slots = [
      await one.call('open', engine, folder),
      await two.call('open', engine, folder),
    ].map(String)
    expect(slots.map(slot => slot.slice(0, 2))).toEqual(['0-', '1-'])
    expect(slots[0]?.slice(2)).not.toBe(slots[1]?.slice(2))

    await one.kill()
    const backend = await make(folder).create(contextOf())
    expect(backend.slot).toBe(slots[0])
    await backend.close()
  })

  test('two that start at the same moment have two slots', async () => {
    const folder = temporaryFolder()
    const [one, two] = await Promise.all([StateProcess.start(), StateProcess.start()])
    const calls = [one.call('open', engine, folder), two.call('open', engine, folder)]
    const numbers = (await Promise.all(calls)).map(slot => String(slot).slice(0, 2))
    expect(numbers.sort()).toEqual(['0-', '1-'])
  })

  test('a slot that another process holds can be asked for, and is refused', async () => {
    const folder = temporaryFolder()
    const other = await StateProcess.start()
    await other.call('open', engine, folder)
    await expect(make(folder, { slot: 0 }).create(contextOf())).rejects.toThrow(
      `STATE_LOCKED: slot 0 of ${folder}/shop is held by another run`,
    )
    await other.kill()
    const backend = await make(folder, { slot: 0 }).create(contextOf())
    await backend.close()
  })

  test('a folder of another user is refused, with what to do', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o555)
    const other = await StateProcess.start()
    await other.call('open', engine, temporaryFolder())
    await other.call('close')
    await other.call('becomeNobody')
    await expect(other.call('open', engine, folder)).rejects.toThrow(
      `MillraceError: STATE_UNUSABLE: ${folder}/shop can't be written: it is read-only or belongs ` +
        'to another user. Give this user the right to write there, or name another folder',
    )
  })

  test('when nothing more can be written, state stops, and is whole and old', async () => {
    const folder = temporaryFolder()
    // No file above 512 KiB: what a full disk is like, without one.
    const other = await StateProcess.start({ fileBytesMax: 512 * 1024 })
    await other.call('open', engine, folder, { compression: false })
    await other.call('write', 'totals/0', 100_000)
    await expect(other.call('write', 'totals/0', 1_000_000)).rejects.toThrow(
      `MillraceError: STATE_UNUSABLE: the disk of ${folder}/shop/0/${engine} is full`,
    )
    await expect(other.call('write', 'totals/0', 1)).rejects.toThrow('is full')
    await other.kill()

    const backend = await make(folder).create(contextOf())
    const space = await backend.open('totals/0')
    const [value] = await space.getMany([Buffer.from('a')])
    expect(value?.length).toBe(100_000)
    await backend.close()
  })
})
