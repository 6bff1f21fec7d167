import { Schema, type SourceContext, type SourceRowOptions } from '@millrace/core'

/** Columns of a source that are read: what the plan looks at, and what its options name. */
export function prunedSchema(
  schema: Schema,
  options: SourceRowOptions,
  context: SourceContext | undefined,
): Schema {
  const read = context?.read ?? 'all'
  if (read === 'all' || typeof options.timestamp === 'function') return schema
  const names = new Set([...read, options.key, options.timestamp])
  return new Schema(schema.fields.filter(({ name }) => names.has(name)))
}
