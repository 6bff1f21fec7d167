/**
 * A lookup as data: which columns of the frame are the key of which table, what is taken of its
 * row, and how long rows are kept.
 *
 * The columns that are added stand last and may be null: whether there is a row is known only when
 * it is asked for.
 */
import { MillraceError } from '../errors.ts'
import type { LookupCacheOptions } from '../lookup/cache-options.ts'
import type { LookupDefinition } from '../lookup/lookup.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { DataType } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** A column that comes from the row that was found; null where there is none. */
export interface LookupField {
  readonly name: string
  /** Its name in the table. */
  readonly from: string
  readonly type: DataType
}

/** Adds columns of a row that is looked up by columns of the record. */
export interface LookupNode extends NodeBase {
  readonly kind: 'lookup'
  readonly from: FrameNode
  readonly lookup: LookupDefinition
  /** The columns of the frame that are the key, in the order of the lookup's key. */
  readonly on: readonly string[]
  readonly fields: readonly LookupField[]
  readonly cache: LookupCacheOptions
  readonly onError: ErrorPolicy
}

/** @throws UNKNOWN_COLUMN, DUPLICATE_COLUMN, SCHEMA_MISMATCH */
export function lookupNode(
  from: FrameNode,
  parts: Pick<LookupNode, 'lookup' | 'on' | 'cache' | 'onError'> & {
    /** New name and name in the table. */
    readonly fields: readonly (readonly [name: string, from: string])[]
  },
): LookupNode {
  const { lookup, on, fields } = parts
  const step = nextStep(from, 'lookup')
  checkKey(from.schema, lookup, on, step.step)
  const found = fields.map(([name, column]) => {
    const type = lookup.schema.typeOf(column).nullable()
    return Object.freeze({ name, from: column, type })
  })
  return Object.freeze({
    kind: 'lookup',
    ...step,
    schema: withFields(from.schema, found),
    key: from.key,
    from,
    lookup,
    on: Object.freeze([...on]),
    fields: Object.freeze(found),
    cache: Object.freeze({ ...parts.cache }),
    onError: parts.onError,
  })
}

/** The columns in front of the step, then those that were found. */
export function withFields(schema: Schema, fields: readonly LookupField[]): Schema {
  const added = fields.map(({ name, type }) => ({ name, type }))
  return new Schema([...schema.fields, ...added], schema.isOpen)
}

function checkKey(
  schema: Schema,
  { name, key }: LookupDefinition,
  on: readonly string[],
  step: string,
): void {
  const wanted = key.map(column => `${column.name} (${column.type})`).join(', ')
  if (on.length !== key.length) {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `lookup needs a column for each of the key of ${name}: ${wanted}; got ${on.length}.`,
      { step },
    )
  }
  for (const [i, column] of on.entries()) {
    const type = schema.typeOf(column)
    const expected = (key[i] as LookupDefinition['key'][number]).type
    if (type.kind === expected.kind || type.kind === 'json') continue
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `lookup by ${JSON.stringify(column)} (${type}): the key of ${name} is ${wanted}. Cast the ` +
        'column before, with withColumns.',
      { step },
    )
  }
}
