/**
 * A tool of tests: orders whose schema has rules, and Confluent's serdes that run them.
 *
 * Two registries know each schema by the same id: ours over HTTP, and the one in memory that
 * Confluent's serdes ask.
 */
import { registry } from '../src/registry/registry.ts'
import {
  confluentAvro,
  confluentCel,
  confluentCelField,
  confluentEncryption,
  confluentJsonata,
  confluentLocalKms,
  confluentMock,
  confluentRules,
  confluentSerde,
} from './confluent.ts'

export const ORDER = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'card', type: ['null', 'string'], default: null, 'confluent:tags': ['PII'] },
    { name: 'cents', type: 'long' },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'how', type: ['null', 'int', 'double'], default: null },
  ],
} as const
export const ROW = {
  id: 'a',
  card: '1234',
  cents: 9_007_199_254_740_990n,
  price: '12.50',
  at: 1_700_000_000_000,
  how: { double: 0.5 },
}
/** As Confluent's serdes have it: no logical types, no bigints. Its rules change what they get. */
export const message = (id = 'a') => {
  return { ...ROW, id, cents: 9_007_199_254_740_990, price: Buffer.from('04e2', 'hex') }
}
export const TOPIC = 'orders'
export const { VALUE } = confluentSerde.SerdeType

export type Rule = Readonly<Record<string, unknown>>

/** The schema with rules in a registry, and in the one that Confluent's serdes ask. */
export async function register(
  url: string,
  schemaOf: unknown,
  ruleSet: object,
  client: MockClient = new confluentMock.MockClient({ baseURLs: ['mock://'] }),
) {
  const text = JSON.stringify(schemaOf)
  const schemas = registry(url)
  const { id } = await schemas.register(`${TOPIC}-value`, { schema: text, ruleSet })
  schemas.close()
  const info = { schemaType: 'AVRO', schema: text, ruleSet: ruleSet as never }
  const theirs = await client.register(`${TOPIC}-value`, info, false)
  if (theirs !== id) throw new Error(`ids differ: ${id}, ${theirs}`)
  return { id, client }
}

type MockClient = InstanceType<typeof confluentMock.MockClient>

export function executors() {
  confluentLocalKms.LocalKmsDriver.register()
  const rules = new confluentRules.RuleRegistry()
  rules.registerExecutor(new confluentCel.CelExecutor())
  rules.registerExecutor(new confluentCelField.CelFieldExecutor())
  rules.registerExecutor(new confluentJsonata.JsonataExecutor())
  rules.registerExecutor(new confluentEncryption.FieldEncryptionExecutor())
  return rules
}

export function serdesOf(client: MockClient) {
  const [rules, config] = [executors(), { ruleConfig: { secret: 'mysecret' } }]
  const write = { ...config, useLatestVersion: true }
  return {
    serializer: new confluentAvro.AvroSerializer(client, VALUE, write, rules),
    deserializer: new confluentAvro.AvroDeserializer(client, VALUE, config, rules),
  }
}

export const ENCRYPT: Rule = {
  name: 'encrypt-card',
  kind: 'TRANSFORM',
  type: 'ENCRYPT',
  mode: 'WRITEREAD',
  tags: ['PII'],
  params: {
    'encrypt.kek.name': 'kek1',
    'encrypt.kms.type': 'local-kms',
    'encrypt.kms.key.id': 'mykey',
  },
  onFailure: 'ERROR,ERROR',
}
