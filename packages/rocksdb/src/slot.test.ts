import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { chooseClassicLevel, chooseEngine } from './choose-engine.ts'
import { type Slot, type SlotPlace, takeSlot } from './slot.ts'
import { stateSettings } from './state-options.ts'

const ENGINES = [
  ['rocksdb', chooseEngine().engine],
  ['classic-level', chooseClassicLevel().engine],
] as const

describe.each(ENGINES)('slots under %s', (name, engine) => {
  const take = (folder: string, place: Partial<SlotPlace> = {}): Promise<Slot> =>
    takeSlot({ folder, applicationId: 'shop', engine, number: null, boot: 'a', ...place })

  test('the first one that is free is taken', async () => {
    const folder = temporaryFolder()
    const [zero, one, two] = [await take(folder), await take(folder), await take(folder)]
    expect([zero, one, two].map(({ number }) => number)).toEqual([0, 1, 2])
    await one.free()
    const again = await take(folder)
    expect(again.number).toBe(1)
    for (const slot of [zero, two, again]) await slot.free()
  })

  test('a slot keeps its name, and no two have the same', async () => {
    const folder = temporaryFolder()
    const first = await take(folder)
    await first.note({ isWhole: true, isBroken: false })
    const other = await take(temporaryFolder())
    expect(first.name).toMatch(/^0-[0-9a-f]{12}$/)
    expect(other.name).not.toBe(first.name)
    await first.free()
    const again = await take(folder)
    expect([again.name, again.folder]).toEqual([first.name, join(folder, 'shop/0', name)])
    await again.free()
    await other.free()
  })

  test('what the process before has noted is known', async () => {
    const folder = temporaryFolder()
    const verdict = async (boot: string): Promise<string> => {
      const slot = await take(folder, { boot })
      await slot.free()
      return slot.verdict
    }
    const note = async (isWhole: boolean, isBroken: boolean): Promise<void> => {
      const slot = await take(folder)
      await slot.note({ isWhole, isBroken })
      await slot.free()
    }
    expect(await verdict('a')).toBe('new')
    await note(false, false)
    expect([await verdict('a'), await verdict('b')]).toEqual(['whole', 'torn'])
    await note(true, false)
    expect([await verdict('a'), await verdict('b')]).toEqual(['whole', 'whole'])
    await note(true, true)
    expect([await verdict('a'), await verdict('b')]).toEqual(['broken', 'broken'])
  })

  test('a slot by its number is refused while it is held here, also by another path', async () => {
    const folder = temporaryFolder()
    const slot = await take(folder, { number: 3 })
    expect(slot.number).toBe(3)
    const link = join(temporaryFolder(), 'link')
    symlinkSync(folder, link)
    for (const path of [folder, link, `${folder}/../${folder.split('/').at(-1)}`]) {
      const error = await take(path, { number: 3 }).catch(reason => reason)
      expect(MillraceError.is(error) && [error.code, error.retriable]).toEqual([
        'STATE_LOCKED',
        true,
      ])
    }
    await slot.free()
    await (await take(link, { number: 3 })).free()
  })

  test('applications have folders of their own, whatever they are called', async () => {
    const folder = temporaryFolder()
    for (const applicationId of ['.', '..', 'a.b', 'shop']) {
      const slot = await take(folder, { applicationId })
      expect(slot.number).toBe(0)
      expect(slot.folder.startsWith(`${folder}/`)).toBe(true)
      await slot.note({ isWhole: true, isBroken: false })
      await slot.free()
    }
  })

  test('a folder that another application has is refused', async () => {
    const folder = temporaryFolder()
    const slot = await take(folder)
    await slot.note({ isWhole: true, isBroken: false })
    await slot.free()
    // As a file system does it that ignores case.
    symlinkSync(join(folder, 'shop'), join(folder, 'SHOP'))
    await expect(take(folder, { applicationId: 'SHOP' })).rejects.toThrow(
      `STATE_UNUSABLE: ${folder}/shop/0/${name}.lock has state of the application "shop".`,
    )
  })

  test('a database that is not ours is refused and left alone', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'shop/0', `${name}.lock`)
    mkdirSync(path, { recursive: true })
    const alien = await engine.open(path, stateSettings('test', {}))
    await alien.write([{ type: 'put', key: Buffer.from('k'), value: Buffer.from('v') }], true)
    await alien.close()
    await expect(take(folder)).rejects.toThrow('has a database that Millrace did not make')
    const still = await engine.open(path, stateSettings('test', {}))
    expect(String((await still.getMany([Buffer.from('k')]))[0])).toBe('v')
    await still.close()
  })

  test('a file in the way is told', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    await expect(take(join(folder, 'file'))).rejects.toThrow(
      /STATE_UNUSABLE: .*a file is in its way. Name another folder/,
    )
    expect(existsSync(join(folder, 'shop'))).toBe(false)
  })
})
