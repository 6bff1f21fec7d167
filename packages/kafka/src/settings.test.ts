import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { kafka } from './kafka.ts'
import { CheckedSettings, type KafkaSettings } from './settings.ts'

const BROKER = { 'bootstrap.servers': 'localhost:9092' }

describe('kafka()', () => {
  test('refuses a setting nobody knows, with the one that was meant', () => {
    expect(() => kafka({ ...BROKER, 'securty.protocol': 'ssl' })).toThrow(
      'INVALID_ARGUMENT: kafka settings: "securty.protocol" is no setting of librdkafka. ' +
        'Did you mean "security.protocol"?',
    )
    expect(() => kafka({ ...BROKER, __proto__x: 1 })).toThrow('is no setting')
    expect(() => kafka({ ...BROKER, constructor: 'x' } as never)).toThrow('is no setting')
  })

  test.each([
    ['group.id', 'x', 'id of the application'],
    ['enable.auto.commit', true, 'commits offsets itself'],
    ['isolation.level', 'read_uncommitted', 'committed records only'],
    ['enable.idempotence', false, 'idempotence'],
    ['partitioner', 'random', 'murmur2_random'],
    ['transactional.id', 'x', 'guarantee'],
    ['metadata.broker.list', 'x:1', 'another name of "bootstrap.servers"'],
    ['rebalance_cb', true, 'listens to the client itself'],
  ])('refuses %s and says who sets it', (name, value, reason) => {
    expect(() => kafka({ ...BROKER, [name]: value })).toThrow(`"${name}" is not yours to set`)
    expect(() => kafka({ ...BROKER, [name]: value })).toThrow(reason)
  })

  test('refuses values that are none, without showing them', () => {
    const wrong = { ...BROKER, 'sasl.password': { secret: 'hunter2' } } as unknown as KafkaSettings
    expect(() => kafka(wrong)).toThrow(
      '"sasl.password" is a string, number, boolean; got an object',
    )
    expect(() => kafka(wrong)).not.toThrow('hunter2')
  })

  test('needs a broker', () => {
    expect(() => kafka({} as never)).toThrow('"bootstrap.servers" is missing')
    expect(() => kafka({ 'bootstrap.servers': ' ' })).toThrow('"bootstrap.servers" is missing')
  })

  test('refuses session settings beside the group protocol that has none', () => {
    const settings = { ...BROKER, 'group.protocol': 'consumer', 'session.timeout.ms': 6_000 }
    expect(() => kafka(settings)).toThrow('belongs to the classic group protocol')
  })

  test('shows no secret in the transport it makes', () => {
    const settings = { ...BROKER, 'sasl.password': 'hunter2', 'ssl.key.pem': 'PEM-hunter2' }
    const log = { info: () => {}, warn: () => {} }
    const transport = kafka(settings).create({ applicationId: 'shop', log })
    expect(transport.name).toBe('kafka localhost:9092')
    expect(inspect(transport, { depth: 9, showHidden: true })).not.toContain('hunter2')
    expect(JSON.stringify(transport)).not.toContain('hunter2')
  })
})

describe('CheckedSettings', () => {
  test('gives each client what is for it, what is fixed last, topic settings apart', () => {
    const settings = new CheckedSettings({
      ...BROKER,
      'linger.ms': 20,
      'delivery.timeout.ms': 9_000,
      'session.timeout.ms': 6_000,
      'client.id': undefined,
    })
    expect(settings.conf('writes', { 'linger.ms': 5 }, { 'enable.idempotence': true })).toEqual({
      conf: { ...BROKER, 'linger.ms': 20, 'enable.idempotence': true },
      topicConf: { 'delivery.timeout.ms': 9_000 },
    })
    expect(settings.conf('reads', {}, {}, { 'auto.offset.reset': 'error' })).toEqual({
      conf: BROKER,
      topicConf: { 'auto.offset.reset': 'error' },
    })
    expect(settings.conf('group', {}, {}).conf).toEqual({ ...BROKER, 'session.timeout.ms': 6_000 })
  })

  test('takes every secret out of a text, also a line of a long one', () => {
    const pem = '-----BEGIN KEY-----\nMIIabc123\nxyz789\n-----END KEY-----'
    const settings = new CheckedSettings({
      ...BROKER,
      'sasl.password': 'p4ss',
      'ssl.key.pem': pem,
      'sasl.oauthbearer.client.secret': 'sesame',
      'sasl.oauthbearer.config': 'principal=admin',
    })
    const text = `${pem} p4ss sesame; line MIIabc123; principal=admin of localhost:9092`
    expect(settings.redact(text)).toBe('*** *** ***; line ***; *** of localhost:9092')
  })
})
