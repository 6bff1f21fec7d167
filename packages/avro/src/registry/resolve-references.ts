/**
 * The schemas that a schema uses without defining them, and those that these use: each once, in an
 * order in which every one comes behind what it needs. Bounded in number, depth and bytes, since
 * what a registry says need not end.
 */
import { MillraceError } from '@millrace/core'
import type { SchemaAnswer, SchemaReference } from './registry-answers.ts'
import { contextOf, inContext } from './subject.ts'

export interface ReferencedSchema extends SchemaReference {
  readonly schema: string
}

export interface ReferenceBounds {
  readonly schemasMax: number
  readonly depthMax: number
  /** Of all texts together. */
  readonly bytesMax: number
}

export const REFERENCE_BOUNDS = { schemasMax: 500, depthMax: 50 } as const

export type FetchVersion = (subject: string, version: number) => Promise<SchemaAnswer>

/**
 * @param context of subjects that name none: that of the schema itself.
 * @throws REGISTRY_ANSWER_INVALID for a cycle, or when a bound is passed.
 */
export async function resolveReferences(
  root: SchemaAnswer,
  context: string,
  fetchVersion: FetchVersion,
  bounds: ReferenceBounds,
): Promise<readonly ReferencedSchema[]> {
  const resolved = new Map<string, ReferencedSchema>()
  const under = new Set<string>()
  let bytes = root.schema.length
  const add = async (references: readonly SchemaReference[], context: string): Promise<void> => {
    if (under.size > bounds.depthMax) throw endless(`deeper than ${bounds.depthMax}`)
    for (const { name, subject: given, version } of references) {
      const subject = inContext(context, given)
      const key = JSON.stringify([name, subject, version])
      if (resolved.has(key)) continue
      if (under.has(key)) throw endless(`${name} (${subject} version ${version}) needs itself`)
      under.add(key)
      const answer = await fetchVersion(subject, version)
      bytes += answer.schema.length
      if (bytes > bounds.bytesMax) throw endless(`more than ${bounds.bytesMax} bytes`)
      if (resolved.size + under.size > bounds.schemasMax) {
        throw endless(`more than ${bounds.schemasMax} schemas`)
      }
      await add(answer.references, contextOf(subject))
      under.delete(key)
      resolved.set(key, { name, subject, version, schema: answer.schema })
    }
  }
  await add(root.references, context)
  return [...resolved.values()]
}

function endless(what: string): MillraceError {
  return new MillraceError(
    'REGISTRY_ANSWER_INVALID',
    `the references of a schema of the registry do not end well: ${what}. ` +
      'Correct the references of the registered versions.',
  )
}
