/**
 * A tool of tests: Confluent's own package, loaded by Node itself and only the parts that are used.
 * Its index brings in the SDKs of four clouds.
 */
import { createRequire } from 'node:module'

type Confluent = typeof import('@confluentinc/schemaregistry')

const require = createRequire(import.meta.url)
const DIST = '@confluentinc/schemaregistry/dist'

export const confluentClient: Confluent = require(`${DIST}/schemaregistry-client.js`)
export const confluentSerde: Confluent = require(`${DIST}/serde/serde.js`)
export const confluentAvro: Confluent = require(`${DIST}/serde/avro.js`)
export const confluentMock: Confluent = require(`${DIST}/mock-schemaregistry-client.js`)
export const confluentRules: Confluent = require(`${DIST}/serde/rule-registry.js`)
export const confluentCel: Confluent = require(`${DIST}/rules/cel/cel-executor.js`)
export const confluentCelField: Confluent = require(`${DIST}/rules/cel/cel-field-executor.js`)
export const confluentJsonata: Confluent = require(`${DIST}/rules/jsonata/jsonata-executor.js`)
export const confluentEncryption: Confluent = require(
  `${DIST}/rules/encryption/encrypt-executor.js`,
)
export const confluentLocalKms: Confluent = require(
  `${DIST}/rules/encryption/localkms/local-driver.js`,
)
