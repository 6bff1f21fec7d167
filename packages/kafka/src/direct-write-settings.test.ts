import { expect, test } from 'vitest'
import { DIRECT_WRITE_MEANINGS, directWriteOptions } from './direct-write-settings.ts'
import { CheckedSettings } from './settings.ts'
import { SETTINGS } from './settings-table.ts'

const optionsOf = (settings: Record<string, unknown>, deliveryMs = 60_000) =>
  directWriteOptions(
    new CheckedSettings({ 'bootstrap.servers': 'a:1', ...settings } as never),
    deliveryMs,
  )

test('every setting of writing has a meaning, and no other', () => {
  const known = [...SETTINGS].flatMap(([name, rule]) =>
    'use' in rule && rule.use === 'writes' ? [name] : [],
  )
  expect(Object.keys(DIRECT_WRITE_MEANINGS).sort()).toEqual(known.sort())
})

test('without settings: no codec, batches of what brokers take, no waiting', () => {
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

test('settings mean what they mean to librdkafka', () => {
  const settings = {
    'compression.type': 'lz4',
    'batch.size': 10_000,
    'message.max.bytes': 5_000_000,
    'linger.ms': 7,
    'queue.buffering.max.kbytes': 3,
    'request.timeout.ms': 900,
  }
  expect(optionsOf(settings)).toMatchObject({
    codec: 3,
    recordBytesMax: 5_000_000,
    bytesMax: 10_000,
    bufferBytesMax: 3 * 1024,
    lingerMs: 7,
    requestMs: 900,
  })
})

test('no request lasts longer than a delivery, no batch is larger than a record may be', () => {
  expect(optionsOf({ 'message.max.bytes': 500 }, 200)).toMatchObject({
    bytesMax: 500,
    requestMs: 200,
  })
})

test('where a setting has no meaning here, librdkafka writes', () => {
  expect(optionsOf({ 'compression.level': 3 })).toBe('"compression.level" is set')
})

test('a codec nobody has is refused', () => {
  expect(() => optionsOf({ 'compression.type': 'rar' })).toThrow(
    '"compression.type" is one of none, gzip, snappy, lz4, zstd; got "rar"',
  )
})
