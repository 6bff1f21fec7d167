import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contextOf, temporaryFolder } from '../test/temporary-folder.ts'
import { bootOf } from './boot.ts'
import { chooseClassicLevel, chooseEngine, type Load, loadedApart } from './choose-engine.ts'
import { diskState } from './rocksdb.ts'

const require = createRequire(import.meta.url)

/** A machine that some packages have no binary for. */
function without(...names: string[]): Load {
  return name => {
    if (!names.includes(name)) return require(name)
    throw new Error(
      `No native build was found for platform=linux arch=arm64\n loaded from: ${name}`,
    )
  }
}

describe('the database that is taken', () => {
  test('is RocksDB where it loads', () => {
    const harmless = () => null
    const { engine, reason } = chooseEngine(require, harmless)
    expect([engine.name, reason]).toEqual(['rocksdb', null])
  })

  test('is LevelDB where loading RocksDB would end the process, with the reason', () => {
    const refuse: Load = name => {
      if (name === 'rocksdb') throw new Error('was loaded')
      return require(name)
    }
    const { engine, reason } = chooseEngine(refuse, () => 'it ends Node v22.0.0 (SIGABRT)')
    expect(engine.name).toBe('classic-level')
    expect(reason).toBe('rocksdb does not load: it ends Node v22.0.0 (SIGABRT)')
  })

  test('is LevelDB where RocksDB has no binary, with the reason', () => {
    const { engine, reason } = chooseEngine(without('rocksdb'))
    expect(engine.name).toBe('classic-level')
    expect(reason).toBe(
      'rocksdb does not load: No native build was found for platform=linux arch=arm64',
    )
  })

  test('is LevelDB where that is asked for', () => {
    expect(chooseClassicLevel(without('rocksdb')).engine.name).toBe('classic-level')
  })

  test('is none where neither loads, with both reasons', () => {
    const load = without('rocksdb', 'classic-level')
    expect(() => chooseEngine(load)).toThrow(
      /^STATE_UNUSABLE: there is no database for state on .*rocksdb does not load.*classic-level does/,
    )
    expect(() => chooseClassicLevel(load)).toThrow('STATE_UNUSABLE')
  })
})

test.runIf(process.platform === 'linux')('what ends a process is found by another', () => {
  const folder = temporaryFolder()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  expect(loadedApart(file('fatal.cjs', 'process.abort()'))).toBe(
    `it ends Node ${process.version} (SIGABRT)`,
  )
  // What throws is found when it is loaded.
  expect(loadedApart(file('throws.cjs', "throw new Error('no binary')"))).toBe(null)
  expect(loadedApart(file('sound.cjs', ''))).toBe(null)
})

test('rocksdb() keeps state where RocksDB has no binary, and says how', async () => {
  const machine = { choose: () => chooseEngine(without('rocksdb')), boot: bootOf }
  const context = contextOf()
  const factory = diskState('rocksdb', temporaryFolder(), {}, machine)
  const backend = await factory.create(context)
  expect(backend.name).toBe('classic-level')
  expect(context.lines[0]).toContain('info: state is kept by classic-level')
  await (await backend.open('a')).write([{ key: Buffer.from('k'), value: Buffer.from('v') }])
  await backend.close()
})
