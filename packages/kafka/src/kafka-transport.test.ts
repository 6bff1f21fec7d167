import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { KafkaTransport } from './kafka-transport.ts'
import { CheckedSettings } from './settings.ts'

const TRAITS = {
  name: 'kafka a:1',
  abilities: { transactions: false, durable: true, partitionCountFixed: null },
}

function transport(load: () => never): KafkaTransport {
  const log = { info: () => {}, warn: () => {} }
  const settings = new CheckedSettings({ 'bootstrap.servers': 'a:1' })
  return new KafkaTransport(settings, TRAITS, { applicationId: 'shop', log }, load)
}

test('a client that does not load shows at open, and the transport closes all the same', async () => {
  const kafka = transport(() => {
    throw new MillraceError('NATIVE_CLIENT_MISSING', 'run the set-up')
  })
  await expect(kafka.open()).rejects.toThrow('NATIVE_CLIENT_MISSING')
  await kafka.close()
  await kafka.close()
})

test('before it is open there is nothing to use', async () => {
  const kafka = transport(() => {
    throw new Error('not reached')
  })
  expect(() => kafka.admin).toThrow('kafka a:1 is used before open()')
  await expect(kafka.createProducer()).rejects.toThrow('is used before open()')
})
