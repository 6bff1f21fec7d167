import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { DIRECT_WRITE_MEANINGS, directWriteOptions } from './direct-write-settings.ts'
import { CheckedSettings } from './settings.ts'
import { SETTINGS } from './settings-table.ts'

const optionsOf = (settings: Record<string, string | number>) =>
  directWriteOptions(new CheckedSettings({ 'bootstrap.servers': 'localhost', ...settings }), 60_000)

test('every setting of writing has a meaning', () => {
  const known = [...SETTINGS].flatMap(([name, rule]) =>
    'use' in rule && rule.use === 'writes' ? [name] : [],
  )
  expect(Object.keys(DIRECT_WRITE_MEANINGS).sort()).toEqual(known.sort())
})

test('nothing set: no compression, batches of 1 MB, sent at once', () => {
  expect(optionsOf({})).toEqual({
    codec: 0,
    recordBytesMax: 1_000_000,
    bytesMax: 1_000_000,
    bufferBytesMax: 16 * 1024 * 1024,
    lingerMs: 0,
    deliveryMs: 60_000,
    requestMs: 30_000,
  })
})

test('what is set has its meaning', () => {
  const settings = {
    'compression.type': 'lz4',
    'message.max.bytes': 2_000,
    'batch.size': 3_000,
    'linger.ms': 7,
    'queue.buffering.max.kbytes': 5,
    'request.timeout.ms': 90_000,
  }
  expect(optionsOf(settings)).toMatchObject({
    codec: 3,
    recordBytesMax: 2_000,
    bytesMax: 2_000,
    lingerMs: 7,
    bufferBytesMax: 5_120,
    requestMs: 60_000,
  })
})

test('what has no meaning leaves writing to librdkafka', () => {
  expect(optionsOf({ 'compression.level': 5 })).toBe('"compression.level" is set')
})

test('an unknown codec is refused, with those there are', () => {
  const make = () => optionsOf({ 'compression.type': 'brotli' })
  expect(make).toThrow(MillraceError)
  expect(make).toThrow(/none, gzip, snappy, lz4, zstd; got "brotli"/)
})
