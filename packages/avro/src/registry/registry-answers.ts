/**
 * What a registry answers, checked: a field that is missing or of another kind is an error that
 * says so, before anything is made of it.
 */
import { MillraceError } from '@millrace/core'
import { isGuid } from './wire-frame.ts'

export interface SchemaReference {
  /** The full name of the type that a schema uses without defining it. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

export interface SchemaMetadata {
  readonly properties?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, readonly string[]>>
  readonly sensitive?: readonly string[]
}

/** An answer that holds a schema. Fields that a registry leaves out are null. */
export interface SchemaAnswer {
  readonly schema: string
  readonly schemaType: string
  readonly references: readonly SchemaReference[]
  readonly id: number | null
  readonly guid: string | null
  readonly subject: string | null
  readonly version: number | null
  readonly metadata: SchemaMetadata | null
  /** Has rules (CEL, JSONata, encryption) beside the schema. */
  readonly ruleSet: object | null
}

const REFERENCES_MAX = 1_000

/** @throws REGISTRY_ANSWER_INVALID */
export function schemaAnswer(json: unknown, what: string): SchemaAnswer {
  const of = objectOf(json, what)
  const { schema, schemaType, guid, subject, references, metadata, ruleSet } = of
  if (typeof schema !== 'string') throw invalidAnswer(what, 'a text "schema"', schema)
  return {
    schema,
    schemaType: typeof schemaType === 'string' ? schemaType : 'AVRO',
    references: referencesOf(references, what),
    id: wholeOrNull(of['id'], 'id', what),
    version: wholeOrNull(of['version'], 'version', what),
    guid: isGuid(guid) ? guid.toLowerCase() : null,
    subject: typeof subject === 'string' ? subject : null,
    metadata: isObject(metadata) ? (metadata as SchemaMetadata) : null,
    ruleSet: isObject(ruleSet) ? ruleSet : null,
  }
}

/** @throws REGISTRY_ANSWER_INVALID */
export function wholeAnswer(json: unknown, field: string, what: string): number {
  const number = wholeOrNull(objectOf(json, what)[field], field, what)
  if (number === null) throw invalidAnswer(what, `a number "${field}"`, undefined)
  return number
}

/** @throws REGISTRY_ANSWER_INVALID */
export function wholesAnswer(json: unknown, what: string): number[] {
  if (Array.isArray(json) && json.every(each => Number.isSafeInteger(each) && each >= 0))
    return json
  throw invalidAnswer(what, 'a list of numbers', json)
}

/** @throws REGISTRY_ANSWER_INVALID */
export function textsAnswer(json: unknown, what: string): string[] {
  if (Array.isArray(json) && json.every(each => typeof each === 'string')) return json
  throw invalidAnswer(what, 'a list of texts', json)
}

/** @throws REGISTRY_ANSWER_INVALID */
export function objectOf(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isObject(json)) return json as Record<string, unknown>
  throw invalidAnswer(what, 'an object', json)
}

function referencesOf(json: unknown, what: string): SchemaReference[] {
  if (json === undefined || json === null) return []
  if (!Array.isArray(json) || json.length > REFERENCES_MAX) {
    throw invalidAnswer(what, `at most ${REFERENCES_MAX} "references"`, json)
  }
  return json.map(each => {
    const { name, subject, version } = objectOf(each, what)
    if (typeof name !== 'string' || typeof subject !== 'string') {
      throw invalidAnswer(what, 'references with "name" and "subject"', each)
    }
    if (!Number.isSafeInteger(version)) throw invalidAnswer(what, 'references with "version"', each)
    return { name, subject, version: version as number }
  })
}

function wholeOrNull(value: unknown, field: string, what: string): number | null {
  if (value === undefined || value === null) return null
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw invalidAnswer(what, `a whole number "${field}"`, value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function invalidAnswer(what: string, expected: string, got: unknown): MillraceError {
  const text = JSON.stringify(got) ?? 'nothing'
  return new MillraceError(
    'REGISTRY_ANSWER_INVALID',
    `the schema registry's answer for ${what}: expected ${expected}, got ` +
      `${text.length > 80 ? `${text.slice(0, 80)}…` : text}. Check the URL with its path.`,
  )
}
