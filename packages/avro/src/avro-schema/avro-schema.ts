/**
 * A checked Avro schema: its type, the named types that schemas referring to it may use, and its
 * fingerprint.
 *
 * `canonical` is the Parsing Canonical Form of the specification; `fingerprint` the CRC-64-AVRO of
 * it, which single-object encoding puts in front of a value.
 */
import type { AvroType, NamedType } from './avro-type.ts'
import { canonicalForm } from './canonical-form.ts'
import { crc64 } from './crc64.ts'

export interface AvroSchema {
  readonly type: AvroType
  /** Named types by full name: its own and those of its references. */
  readonly names: ReadonlyMap<string, NamedType>
  /** The Parsing Canonical Form; references are written out. */
  readonly canonical: string
  /** CRC-64-AVRO of the canonical form. */
  readonly fingerprint: bigint
}

export function avroSchema(type: AvroType, names: ReadonlyMap<string, NamedType>): AvroSchema {
  let canonical: string | null = null
  let fingerprint: bigint | null = null
  return {
    type,
    names,
    get canonical(): string {
      canonical ??= canonicalForm(type)
      return canonical
    },
    get fingerprint(): bigint {
      fingerprint ??= crc64(Buffer.from(this.canonical))
      return fingerprint
    },
  }
}
