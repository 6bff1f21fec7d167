import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError, type StateBackend } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { contextOf, type TestContext, temporaryFolder } from '../test/temporary-folder.ts'
import { chooseClassicLevel, chooseEngine } from './choose-engine.ts'
import { writeStateRecord } from './records.ts'
import { diskState } from './rocksdb.ts'
import { RECORD_KEY } from './state-keys.ts'
import { type StateOptions, stateSettings } from './state-options.ts'

const ENGINES = [
  ['rocksdb', chooseEngine],
  ['classic-level', chooseClassicLevel],
] as const
const KEYS = 2_000
const ALL = new Uint8Array(0)

describe.each(ENGINES)('state in %s', (engine, choose) => {
  /** `boot`: the machine was started anew where it differs. */
  const open = (folder: string, context: TestContext, boot = 'a', options: StateOptions = {}) =>
    diskState(
      'test',
      folder,
      { memoryBytes: 1024 * 1024, ...options },
      { choose, boot: () => boot },
    ).create(context)

  const filesOf = (folder: string): string => join(folder, 'shop/0', engine)

  async function fill(backend: StateBackend): Promise<void> {
    const space = await backend.open('totals/0')
    const value = Buffer.alloc(300, 'x')
    const entries = Array.from({ length: KEYS }, (_, i) => ({
      key: Buffer.from(`key ${i}`),
      value,
    }))
    await space.write(entries)
  }

  async function countOf(backend: StateBackend): Promise<number> {
    const space = await backend.open('totals/0')
    const { length } = await space.scan(ALL, null, KEYS * 2)
    await space.close()
    return length
  }

  /** State on the disk, in files and not only in the log of what was written last. */
  async function filled(): Promise<string> {
    const folder = temporaryFolder()
    const first = await open(folder, contextOf())
    await fill(first)
    await first.close()
    await (await open(folder, contextOf())).close()
    return folder
  }

  function damage(folder: string, name: RegExp, how: (path: string) => void): void {
    const files = readdirSync(filesOf(folder)).filter(file => name.test(file))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) how(join(filesOf(folder), file))
  }
  const cut = (path: string): void => truncateSync(path, 20)
  const remove = (path: string): void => rmSync(path)

  const AT_OPEN = [
    ['a MANIFEST cut off', /^MANIFEST/, cut],
    ['a MANIFEST that is gone', /^MANIFEST/, remove],
    ['a CURRENT that is empty', /^CURRENT/, (path: string) => truncateSync(path, 0)],
    ['a CURRENT that is gone', /^CURRENT/, remove],
  ] as const

  test.each(AT_OPEN)('%s is found when it is opened, and made good', async (_, name, how) => {
    const folder = await filled()
    damage(folder, name, how)
    const message = `STATE_CORRUPT: the state in ${filesOf(folder)}`
    await expect(open(folder, contextOf())).rejects.toThrow(message)

    const context = contextOf({ canRebuild: true })
    const backend = await open(folder, context)
    expect(context.lines[0]).toContain('warn: local state is thrown away and made again')
    expect(await countOf(backend)).toBe(0)
    await fill(backend)
    await backend.close()
  })

  const AT_READING = [
    ['a table cut off', cut],
    ['a table that is gone', remove],
  ] as const

  test.each(AT_READING)(
    '%s is found at the latest when it is read, and not trusted after',
    async (_, how) => {
      const folder = await filled()
      damage(folder, /\.(sst|ldb)$/, how)
      const opened = await open(folder, contextOf()).catch(reason => reason)
      const found = MillraceError.is(opened) ? opened : await foundIn(opened)
      expect(String(found)).toContain('STATE_CORRUPT')
      await expect(open(folder, contextOf())).rejects.toThrow('STATE_CORRUPT')

      const backend = await open(folder, contextOf({ canRebuild: true }))
      expect(await countOf(backend)).toBe(0)
      await backend.close()
    },
  )

  test('state that was closed is whole, also after the machine went down', async () => {
    const folder = await filled()
    const backend = await open(folder, contextOf(), 'b')
    expect(await countOf(backend)).toBe(KEYS)
    await backend.close()
  })

  test('state that was not closed is whole as long as the machine runs', async () => {
    const folder = await filled()
    await crash(await open(folder, contextOf(), 'a'), folder)
    const backend = await open(folder, contextOf(), 'a')
    expect(await countOf(backend)).toBe(KEYS)
    await backend.close()
  })

  test('state that was not closed before the machine went down is not trusted', async () => {
    const folder = await filled()
    await crash(await open(folder, contextOf(), 'a'), folder)
    await expect(open(folder, contextOf(), 'b')).rejects.toThrow(
      'the machine went down while it was written',
    )
    const context = contextOf({ canRebuild: true })
    const backend = await open(folder, context, 'b')
    expect(await countOf(backend)).toBe(0)
    expect(context.lines[0]).toContain('the machine went down')
    await backend.close()
  })

  test('with fsync, it is', async () => {
    const folder = await filled()
    await crash(await open(folder, contextOf(), 'a', { fsync: true }), folder)
    const backend = await open(folder, contextOf(), 'b')
    expect(await countOf(backend)).toBe(KEYS)
    await backend.close()
  })

  test('a bit of a value that flipped is found when it is scanned and when it is got', async () => {
    const folder = temporaryFolder()
    const options = { compression: false }
    const first = await open(folder, contextOf(), 'a', options)
    await fill(first)
    await first.close()
    await (await open(folder, contextOf(), 'a', options)).close()
    damage(folder, /\.(sst|ldb)$/, path => {
      const bytes = readFileSync(path)
      const at = bytes.indexOf('xxxxxxxx')
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(path, bytes)
    })
    const backend = await open(folder, contextOf(), 'a', options)
    const keys = Array.from({ length: KEYS }, (_, i) => Buffer.from(`key ${i}`))
    for (const read of ['scan', 'getMany'] as const) {
      const space = await backend.open('totals/0')
      const done = read === 'scan' ? space.scan(ALL, null, KEYS * 2) : space.getMany(keys)
      await expect(done).rejects.toThrow('STATE_CORRUPT')
      await space.close()
    }
    await backend.close()
  })

  /** What reading says; writing says the same after it. */
  async function foundIn(backend: StateBackend): Promise<unknown> {
    const other = await backend.open('').catch(() => null)
    const found = await countOf(backend).catch(reason => reason)
    const refused = await other?.write([{ key: ALL, value: ALL }]).catch(reason => reason)
    if (other !== null) expect(refused).toBe(found)
    await backend.close()
    return found
  }

  /** Puts the slot's record back to what it was while the state was open. */
  async function crash(backend: StateBackend, folder: string): Promise<void> {
    const lock = join(folder, 'shop/0', `${engine}.lock`)
    const saved = readdirSync(lock).map(name => [name, readFileSync(join(lock, name))] as const)
    await backend.close()
    for (const name of readdirSync(lock)) rmSync(join(lock, name))
    for (const [name, bytes] of saved) writeFileSync(join(lock, name), bytes)
  }

  test('a newer form is refused and left alone, and so is state of another slot', async () => {
    const folder = await filled()
    const database = await choose().engine.open(filesOf(folder), stateSettings('test', {}))
    const newer = writeStateRecord('ab')
    newer[0] = 2
    await database.write([{ type: 'put', key: RECORD_KEY, value: newer }], true)
    await database.close()
    await expect(open(folder, contextOf({ canRebuild: true }))).rejects.toThrow(
      `FORMAT_UNKNOWN: the state in ${filesOf(folder)} is in another form: expected version 1`,
    )
    newer[0] = 1
    const again = await choose().engine.open(filesOf(folder), stateSettings('test', {}))
    await again.write([{ type: 'put', key: RECORD_KEY, value: newer }], true)
    await again.close()
    await expect(open(folder, contextOf())).rejects.toThrow('it is that of another slot')
  })
})
