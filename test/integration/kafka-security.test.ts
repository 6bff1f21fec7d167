/**
 * Each way to reach a broker, through both stacks: librdkafka makes a topic and writes to it, the
 * direct fetcher reads it, with the same settings. And each way to be refused.
 */
import { kafka } from '@millrace/kafka'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { directPlan } from '../../packages/kafka/src/direct-settings.ts'
import { CheckedSettings, type KafkaSettings } from '../../packages/kafka/src/settings.ts'
import { Cluster } from '../../packages/kafka/src/wire/cluster.ts'
import { Connection } from '../../packages/kafka/src/wire/connection.ts'
import { METADATA } from '../../packages/kafka/src/wire/metadata.ts'
import {
  KEY_PASSWORD,
  PASSWORD,
  type SecurityKafka,
  startSecurityKafka,
  USER,
  unsignedToken,
} from './security-kafka.ts'
import {
  closeAll,
  errorOf,
  fetcherOf,
  logged,
  newTopic,
  open,
  readValues,
  write,
} from './transport-session.ts'

/** A session ends soon, so that tests see it begin again. */
const SESSION_MS = 2_000

let broker: SecurityKafka

beforeAll(async () => {
  broker = await startSecurityKafka(SESSION_MS)
}, 60_000)
afterEach(async () => {
  await closeAll()
  logged.length = 0
})
afterAll(() => broker.stop())

type Settings = Readonly<Record<string, unknown>>
type Listener = Parameters<SecurityKafka['address']>[0]

const login = { 'sasl.username': USER, 'sasl.password': PASSWORD }
const ca = (): Settings => ({ 'ssl.ca.location': broker.file('ca.pem') })
const sasl = (mechanism: string): Settings => ({ 'sasl.mechanism': mechanism, ...login })
const oauth = (): Settings => ({
  'sasl.mechanism': 'OAUTHBEARER',
  oauthbearer_token_refresh_cb: async () => unsignedToken(),
})
const client = (key: string, more: Settings = {}): Settings => ({
  ...ca(),
  'ssl.certificate.location': broker.file('client.pem'),
  'ssl.key.location': broker.file(key),
  ...more,
})

const PROTOCOLS: Readonly<Record<Listener, string>> = {
  SSL: 'ssl',
  MUTUAL: 'ssl',
  EXPIRED: 'ssl',
  SASL: 'sasl_plaintext',
  SASLSSL: 'sasl_ssl',
}

function settingsOf(listener: Listener, more: Settings, host?: string): KafkaSettings {
  const reached = { 'bootstrap.servers': broker.address(listener, host) }
  return { ...reached, 'security.protocol': PROTOCOLS[listener], ...more } as KafkaSettings
}

async function clusterOf(settings: KafkaSettings): Promise<Cluster> {
  const plan = await directPlan(new CheckedSettings(settings))
  if (typeof plan === 'string') throw new Error(plan)
  return new Cluster(plan.bootstrap, plan.security, plan.connection)
}

test.each<[string, Listener, () => Settings]>([
  ['TLS', 'SSL', ca],
  ['TLS, its own certificate shown', 'MUTUAL', () => client('client.key')],
  [
    'TLS, its own key under a password',
    'MUTUAL',
    () => client('client-secret.key', { 'ssl.key.password': KEY_PASSWORD }),
  ],
  [
    'TLS, its own certificate in a keystore',
    'MUTUAL',
    () => ({
      ...ca(),
      'ssl.keystore.location': broker.file('client.p12'),
      'ssl.keystore.password': KEY_PASSWORD,
    }),
  ],
  ['PLAIN', 'SASL', () => sasl('PLAIN')],
  ['SCRAM-SHA-256', 'SASL', () => sasl('SCRAM-SHA-256')],
  ['SCRAM-SHA-512', 'SASL', () => sasl('SCRAM-SHA-512')],
  ['OAUTHBEARER', 'SASL', oauth],
  ['PLAIN over TLS', 'SASLSSL', () => ({ ...ca(), ...sasl('PLAIN') })],
  ['SCRAM-SHA-512 over TLS', 'SASLSSL', () => ({ ...ca(), ...sasl('SCRAM-SHA-512') })],
  ['OAUTHBEARER over TLS', 'SASLSSL', () => ({ ...ca(), ...oauth() })],
])('%s: what librdkafka writes is read directly', async (_, listener, settings) => {
  const transport = await open(kafka(settingsOf(listener, settings())))
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['a', 'b'])
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  expect(await readValues(fetcher, 2)).toEqual(['a', 'b'])
  expect(logged.filter(line => line.includes('librdkafka'))).toEqual([])
})

test.each<[string, Listener, () => Settings, string, RegExp, string?]>([
  [
    'a wrong password, PLAIN',
    'SASL',
    () => ({ ...sasl('PLAIN'), 'sasl.password': 'wrong-1' }),
    'BROKER_REFUSED',
    /Authentication failed.*"sasl\.password"/,
  ],
  [
    'a wrong password, SCRAM',
    'SASL',
    () => ({ ...sasl('SCRAM-SHA-256'), 'sasl.password': 'wrong-1' }),
    'BROKER_REFUSED',
    /Authentication failed.*"sasl\.password"/,
  ],
  [
    'no token',
    'SASL',
    () => ({
      ...oauth(),
      oauthbearer_token_refresh_cb: async () => Promise.reject(new Error('the door is shut')),
    }),
    'BROKER_REFUSED',
    /the door is shut/,
  ],
  [
    'a token without anything in it',
    'SASL',
    () => ({ ...oauth(), oauthbearer_token_refresh_cb: async () => ({ tokenValue: 'nonsense' }) }),
    'BROKER_REFUSED',
    /refused/,
  ],
  ['a certificate of nobody known', 'SSL', () => ({}), 'BROKER_REFUSED', /ssl\.ca\.location/],
  [
    'a certificate of another authority',
    'SSL',
    () => ({ 'ssl.ca.location': broker.file('other-ca.pem') }),
    'BROKER_REFUSED',
    /certificate/,
  ],
  ['a certificate that has expired', 'EXPIRED', ca, 'BROKER_REFUSED', /expired/],
  ['a certificate for another name', 'SSL', ca, 'BROKER_REFUSED', /altnames/, '127.0.0.1'],
  ['no certificate of its own', 'MUTUAL', ca, 'BROKER_REFUSED', /certificate/],
  [
    'TLS to a port without',
    'SASL',
    () => ({ 'security.protocol': 'ssl' }),
    'BROKER_.*',
    /TLS|plain|closed/,
  ],
  [
    'no TLS to a port with it',
    'SSL',
    () => ({ 'security.protocol': 'plaintext' }),
    'BROKER_UNREACHABLE',
    /wants TLS/,
  ],
])('%s is refused, and secrets are not told', async (_, listener, settings, code, text, host) => {
  const cluster = await clusterOf(settingsOf(listener, { ...settings() }, host))
  const error = (await errorOf(() => cluster.refresh([]))) as Error & { code: string }
  cluster.close()
  expect(error.code).toMatch(new RegExp(`^${code}$`))
  expect(error.message).toMatch(text)
  expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/wrong-1|nonsense/)
})

test('a name that does not fit is taken where that is asked for', async () => {
  const trusting = { ...ca(), 'ssl.endpoint.identification.algorithm': 'none' }
  const cluster = await clusterOf(settingsOf('SSL', trusting, '127.0.0.1'))
  await cluster.refresh([])
  cluster.close()
})

test('a certificate of nobody known is taken where that is asked for', async () => {
  const trusting = { 'enable.ssl.certificate.verification': false }
  const cluster = await clusterOf(settingsOf('SSL', trusting))
  await cluster.refresh([])
  cluster.close()
})

test('sessions are renewed while requests go on', async () => {
  const settings = [sasl('PLAIN'), sasl('SCRAM-SHA-256'), oauth()]
  const connections = await Promise.all(settings.map(each => connect(settingsOf('SASL', each))))
  const endsAt = performance.now() + 1.5 * SESSION_MS
  const ask = async (connection: Connection): Promise<void> => {
    while (performance.now() < endsAt) await connection.send(METADATA, [])
  }
  await Promise.all([...connections, ...connections].map(ask))
  for (const connection of connections) {
    expect(connection.isOpen).toBe(true)
    connection.close()
  }
})

async function connect(settings: KafkaSettings): Promise<Connection> {
  const plan = await directPlan(new CheckedSettings(settings))
  if (typeof plan === 'string') throw new Error(plan)
  const [endpoint] = plan.bootstrap
  if (endpoint === undefined) throw new Error('no broker')
  return Connection.open(endpoint, plan.security, plan.connection)
}
