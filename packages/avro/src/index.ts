/** The public API of Millrace's Avro package. */
export { avro } from './avro.ts'
export { avroKey } from './avro-key.ts'
export type { AvroRow } from './avro-row.ts'
export type { AvroSchema } from './avro-schema/avro-schema.ts'
export { type ParseOptions, parseSchema } from './avro-schema/parse-schema.ts'
export type { ValueForm } from './codec/value-form.ts'

export type { AvroOptions } from './plain-codec.ts'

// ---- files
export { type AvroFileOptions, avroFile } from './files/avro-file.ts'
export {
  type AvroFolderOptions,
  type AvroSourceOptions,
  fromAvroFile,
  fromAvroFolder,
} from './files/avro-file-source.ts'
export type { FileCodec } from './files/block-codec.ts'

// ---- registry
export type { CompatibilityVerdict, VersionConflict } from './registry/check-compatibility.ts'
export {
  COMPATIBILITY_MODES,
  type CompatibilityMode,
} from './registry/compatibility-mode.ts'
export {
  EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  embeddedRegistry,
} from './registry/embedded-registry.ts'
export type {
  NormalizeOptions,
  RegisteredSchema,
  SchemaToRegister,
  SubjectVersion,
} from './registry/registered-schema.ts'
export { registry, SchemaRegistry } from './registry/registry.ts'
export type { SchemaMetadata, SchemaReference } from './registry/registry-answers.ts'
export type { RegistryAvroOptions, WriterChoice } from './registry/registry-serde.ts'
export type {
  BasicAuth,
  BearerAuth,
  OAuthAuth,
  RegistryAuth,
  RegistryOptions,
  RegistryTls,
} from './registry/registry-options.ts'
export type { ReferencedSchema } from './registry/resolve-references.ts'
export type {
  RecordDeserializer,
  RecordSerializer,
  RegistryRules,
  SerializerHeaders,
} from './registry/ruled-records.ts'
export type { ConflictRule, SchemaConflict } from './registry/schema-conflicts.ts'
export {
  recordName,
  type SubjectOf,
  type SubjectStrategy,
  topicName,
  topicRecordName,
} from './registry/subject.ts'
export { toAvroSchema } from './to-avro-schema.ts'
