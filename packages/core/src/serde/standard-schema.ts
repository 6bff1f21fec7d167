/**
 * The part of Standard Schema v1 (https://standardschema.dev) that a decoder needs, so that zod,
 * valibot, arktype and others are schemas here without a dependency.
 */
import { bounded, describeValue, Refusal } from '../schema/refusal.ts'

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The TypeScript type of what a schema gives. */
export type StandardOutput<S extends StandardSchema> = NonNullable<
  S['~standard']['types']
>['output']

interface StandardResult {
  readonly value?: unknown
  readonly issues?: readonly StandardIssue[] | undefined
}

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Why a value did not pass, with the path of the first issue. */
export interface StandardRefusal {
  readonly refusal: Refusal
  readonly path: string | undefined
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  const standard = (value as Partial<StandardSchema>)['~standard']
  return typeof standard?.validate === 'function'
}

/** What the schema makes of a value. Never throws: what the schema throws is a refusal too. */
export function validated(
  schema: StandardSchema,
  value: unknown,
): { readonly value: unknown } | StandardRefusal {
  let result: unknown
  try {
    result = schema['~standard'].validate(value)
  } catch (error) {
    const refusal = new Refusal('DECODE_FAILED', 'a value its schema accepts', String(error))
    return { refusal, path: undefined }
  }
  if (result instanceof Promise) {
    // Its outcome is of no use; a rejection must not end the process.
    result.catch(() => undefined)
    const expected = 'a schema that validates at once; asynchronous ones cannot decode records'
    return { refusal: new Refusal('DECODE_FAILED', expected, 'a promise'), path: undefined }
  }
  const { issues, value: output } = result as StandardResult
  return issues === undefined ? { value: output } : refusalOf(issues, value)
}

function refusalOf(issues: readonly StandardIssue[], value: unknown): StandardRefusal {
  const [issue] = issues
  const keys = (issue?.path ?? []).map(part => (typeof part === 'object' ? part.key : part))
  let at = value
  for (const key of keys) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return {
    refusal: new Refusal(
      'DECODE_FAILED',
      bounded(issue?.message ?? 'a value its schema accepts'),
      describeValue(at),
    ),
    path: keys.length === 0 ? undefined : keys.map(String).join('.'),
  }
}
