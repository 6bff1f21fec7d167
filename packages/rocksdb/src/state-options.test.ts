import { describe, expect, test } from 'vitest'
import { type StateOptions, stateSettings } from './state-options.ts'

const MIB = 1024 * 1024
const settings = (options: unknown) => stateSettings('rocksdb', options as StateOptions)

describe('options of state', () => {
  test('have defaults', () => {
    expect(settings({})).toEqual({
      cacheBytes: 32 * MIB,
      writeBufferBytes: 16 * MIB,
      blockBytes: 4096,
      openFilesMax: 512,
      compression: true,
      fsync: false,
      slot: null,
    })
  })

  test('one number of memory gives the others, cache and two buffers being all of it', () => {
    const { cacheBytes, writeBufferBytes } = settings({ memoryBytes: 1024 * MIB })
    expect(cacheBytes + 2 * writeBufferBytes).toBe(1024 * MIB)
    expect(settings({ memoryBytes: 8 * MIB, cacheBytes: 0, writeBufferBytes: MIB })).toMatchObject({
      cacheBytes: 0,
      writeBufferBytes: MIB,
    })
  })

  test('what the user does not say is a share of what the application gives', () => {
    const share = 100 * MIB
    expect(stateSettings('rocksdb', {}, share)).toMatchObject({ cacheBytes: share / 2 })
    expect(stateSettings('rocksdb', { memoryBytes: MIB }, share).cacheBytes).toBe(MIB / 2)
    expect(stateSettings('rocksdb', {}, 1).cacheBytes).toBe(MIB / 2)
  })

  test('undefined is not given', () => {
    expect(settings({ memoryBytes: undefined, slot: undefined })).toEqual(settings({}))
  })

  test.each([
    [{ memoryBytes: 1 }, 'memoryBytes is a whole number from 1048576 to'],
    [
      { memoryBytes: '64MB' },
      'memoryBytes is a whole number from 1048576 to 8589934590, not "64MB".',
    ],
    [{ slot: -1 }, 'slot is a whole number from 0 to 255, not -1.'],
    [{ openFilesMax: 1.5 }, 'openFilesMax is a whole number'],
    [{ compression: 'snappy' }, 'compression is true or false, not "snappy".'],
    [{ memorybytes: 1 }, 'there is no option "memorybytes". Did you mean "memoryBytes"?'],
    [{ constructor: 1 }, 'there is no option "constructor".'],
    [null, 'options are an object; got null.'],
  ])('%j is refused', (options, text) => {
    expect(() => settings(options)).toThrow(`INVALID_ARGUMENT: rocksdb: ${text}`)
  })
})
