/**
 * The Parsing Canonical Form: what of a schema matters to how data is read, as one text.
 *
 * Attributes: name, type, fields, symbols, items, values, size, in this order, and no others; full
 * names; no white space; a named type is written out where it stands first and by name after.
 */
import { type AvroType, isNamed } from './avro-type.ts'

export function canonicalForm(type: AvroType, seen: Set<string> = new Set()): string {
  if (isNamed(type)) {
    if (seen.has(type.name)) return quoted(type.name)
    seen.add(type.name)
  }
  switch (type.kind) {
    case 'record': {
      const fields = type.fields.map(
        field => `{"name":${quoted(field.name)},"type":${canonicalForm(field.type, seen)}}`,
      )
      return `{"name":${quoted(type.name)},"type":"record","fields":[${fields}]}`
    }
    case 'enum':
      return `{"name":${quoted(type.name)},"type":"enum","symbols":[${type.symbols.map(quoted)}]}`
    case 'fixed':
      return `{"name":${quoted(type.name)},"type":"fixed","size":${type.size}}`
    case 'array':
      return `{"type":"array","items":${canonicalForm(type.items, seen)}}`
    case 'map':
      return `{"type":"map","values":${canonicalForm(type.values, seen)}}`
    case 'union':
      return `[${type.branches.map(branch => canonicalForm(branch, seen))}]`
    default:
      return quoted(type.kind)
  }
}

/** Names need no escapes. */
function quoted(name: string): string {
  return `"${name}"`
}
