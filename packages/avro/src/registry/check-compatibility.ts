/**
 * May this schema be the next version of a subject? The registry says yes or no under the mode of
 * the subject; here it is found out which field breaks which rule, against which version and in
 * which direction. The two are given side by side: who decides is the registry.
 */
import { MillraceError } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { type CompatibilityMode, modeRules } from './compatibility-mode.ts'
import type { ReferencedSchema } from './resolve-references.ts'
import { type SchemaConflict, schemaConflicts } from './schema-conflicts.ts'

export interface VersionConflict extends SchemaConflict {
  /** Of the subject. */
  readonly version: number
  /** `backward`: the new schema cannot read that version; `forward`: the other way round. */
  readonly direction: 'backward' | 'forward'
}

export interface CompatibilityVerdict {
  readonly subject: string
  readonly mode: CompatibilityMode
  /** The registry's decision. */
  readonly isCompatible: boolean
  /** The registry's own words, where it has any. */
  readonly messages: readonly string[]
  /** Why, in ours; none when everything can be read as the mode demands. */
  readonly conflicts: readonly VersionConflict[]
}

/** A schema text with what it refers to. */
export interface WholeSchema {
  readonly schema: string
  readonly references: readonly ReferencedSchema[]
}

export interface KnownVersion extends WholeSchema {
  readonly version: number
}

/**
 * @param versions of the subject, ascending.
 * @throws INVALID_ARGUMENT when one of the schemas is no Avro.
 */
export function versionConflicts(
  mode: CompatibilityMode,
  proposed: WholeSchema,
  versions: readonly KnownVersion[],
): readonly VersionConflict[] {
  const { isBackward, isForward, isTransitive } = modeRules(mode)
  const compared = isTransitive ? versions : versions.slice(-1)
  if (compared.length === 0 || !(isBackward || isForward)) return []
  const next = parseWhole(proposed).type
  const proposedName = 'the new schema'
  return compared.flatMap(known => {
    const { version } = known
    const earlier = parseWhole(known).type
    const name = `version ${version}`
    const backward = isBackward
      ? schemaConflicts(earlier, next, { writer: name, reader: proposedName })
      : []
    const forward = isForward
      ? schemaConflicts(next, earlier, { writer: proposedName, reader: name })
      : []
    return [
      ...backward.map(conflict => ({ ...conflict, version, direction: 'backward' as const })),
      ...forward.map(conflict => ({ ...conflict, version, direction: 'forward' as const })),
    ]
  })
}

/**
 * With the types that it refers to, each of which may need the ones before it.
 * @param defaults `'ignore'` for schemas that data was written with.
 */
export function parseWhole(
  { schema, references }: WholeSchema,
  defaults: 'check' | 'ignore' = 'check',
): AvroSchema {
  const known: AvroSchema[] = []
  for (const reference of references) {
    known.push(parseSchema(reference.schema, { references: [...known], defaults }))
  }
  return parseSchema(schema, { references: known, defaults })
}

const CONFLICTS_SHOWN = 10

/** One line for each field that breaks a rule. */
export function conflictText(conflicts: readonly VersionConflict[]): string {
  const lines = conflicts.slice(0, CONFLICTS_SHOWN).map(({ path, text }) => `${path}: ${text}.`)
  const more = conflicts.length - lines.length
  return [...lines, ...(more > 0 ? [`… and ${more} more.`] : [])].join('\n  ')
}

/** @param said what the registry said, when it refused to register the schema. */
export function incompatible(
  { subject, mode, messages, conflicts }: CompatibilityVerdict,
  said?: string,
): MillraceError {
  const why = said ?? messages.join('; ')
  const list = conflicts.length === 0 ? '' : `\n  ${conflictText(conflicts)}`
  return new MillraceError(
    'SCHEMA_INCOMPATIBLE',
    `the schema is not ${mode} compatible with subject ${subject}` +
      `${why === '' ? '' : ` (the registry: ${why})`}.${list}`,
  )
}
