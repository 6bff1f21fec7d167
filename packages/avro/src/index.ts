/** The public API of Millrace's Avro package. */
export { type AvroOptions, avro } from './avro.ts'
export type { AvroSchema } from './avro-schema/avro-schema.ts'
export { type ParseOptions, parseSchema } from './avro-schema/parse-schema.ts'
export type { ValueForm } from './codec/value-form.ts'
