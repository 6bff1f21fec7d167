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
