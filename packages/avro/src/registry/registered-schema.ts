import type { SchemaMetadata, SchemaReference } from './registry-answers.ts'
import type { ReferencedSchema } from './resolve-references.ts'

/** A schema as the registry has it, with all it refers to. */
export interface RegisteredSchema {
  readonly id: number
  /** Null where the registry knows no GUIDs (Confluent has them since 8.0). */
  readonly guid: string | null
  /** Text in JSON, as it was registered. */
  readonly schema: string
  /** Each once, behind what it needs itself. */
  readonly references: readonly ReferencedSchema[]
  readonly metadata: SchemaMetadata | null
  /** Rules of Confluent's data contracts; null when there are none. */
  readonly ruleSet: object | null
}

export interface SubjectVersion extends RegisteredSchema {
  readonly subject: string
  readonly version: number
}

/** What is registered: text in JSON alone, or with references. */
export type SchemaToRegister =
  | string
  | {
      readonly schema: string
      readonly references?: readonly SchemaReference[]
      readonly metadata?: SchemaMetadata
      readonly ruleSet?: object
    }

export interface NormalizeOptions {
  /** The registry compares and keeps a normal form of the text. Default false. */
  readonly normalize?: boolean
}
