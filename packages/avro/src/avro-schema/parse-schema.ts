/**
 * From the JSON of an Avro schema to a checked `AvroSchema`.
 *
 * Schemas also come from the network, by an id in a record: text, depth, names and fields are
 * bounded before anything is made of them, and every name is an Avro name. Afterwards nothing of
 * the JSON is looked at again, except defaults.
 *
 *   schema = "name" | [schema, …] | { "type": "primitive" | named | "array" | "map" | schema, … }
 */
import { describeValue, isRefusal, parseJson } from '@millrace/core'
import { type AvroSchema, avroSchema } from './avro-schema.ts'
import type {
  AvroType,
  EnumType,
  FixedType,
  NamedType,
  RecordField,
  RecordType,
} from './avro-type.ts'
import { isNamed, nameOf } from './avro-type.ts'
import { fitsDefault } from './default-value.ts'
import { logicalType } from './logical-type.ts'
import { fullName, isFullName, isName, isPrimitive, namespaceOf } from './names.ts'
import { schemaFault } from './schema-fault.ts'

export interface ParseOptions {
  /** Schemas whose named types this one may use. */
  readonly references?: readonly AvroSchema[]
  /**
   * `'ignore'`: as if there were no defaults, for schemas that data was written with, whose
   * defaults nobody reads. Default `'check'`.
   */
  readonly defaults?: 'check' | 'ignore'
}

const TEXT_LENGTH_MAX = 4 * 1024 * 1024
const DEPTH_MAX = 100
const NAMED_DEPTH_MAX = 300
const NAMES_MAX = 5_000
const FIELDS_MAX = 20_000
const SYMBOLS_MAX = 20_000
const FIXED_SIZE_MAX = 16 * 1024 * 1024

type JsonObject = Readonly<Record<string, unknown>>

interface Around {
  readonly namespace: string
  /** For messages. */
  readonly path: string
  readonly depth: number
}

/**
 * Checks a schema and resolves its names.
 * @param schema the schema as JSON text, as parsed JSON, or the name of a primitive type.
 * @throws INVALID_ARGUMENT with the path of what is wrong.
 */
export function parseSchema(schema: unknown, options: ParseOptions = {}): AvroSchema {
  const parser = new SchemaParser(options)
  const type = parser.parse(jsonOf(schema), { namespace: '', path: '', depth: 0 })
  checkDepth(type)
  parser.checkDefaults()
  return avroSchema(type, parser.names)
}

function jsonOf(schema: unknown): unknown {
  if (typeof schema !== 'string' || isFullName(schema as unknown)) return schema
  if (schema.length > TEXT_LENGTH_MAX) {
    throw schemaFault('', `at most ${TEXT_LENGTH_MAX} characters`, `${schema.length}`)
  }
  const json = parseJson(schema)
  if (isRefusal(json)) throw schemaFault('', json.expected, json.got)
  return json
}

class SchemaParser {
  readonly names: Map<string, NamedType> = new Map()
  readonly #hasDefaults: boolean
  readonly #defaults: { readonly field: RecordField; readonly path: string }[] = []
  #fieldCount = 0

  constructor({ references = [], defaults = 'check' }: ParseOptions) {
    this.#hasDefaults = defaults === 'check'
    for (const { names } of references) {
      for (const [name, type] of names) this.names.set(name, type)
    }
  }

  parse(json: unknown, around: Around): AvroType {
    if (around.depth > DEPTH_MAX) {
      throw schemaFault('', `nested at most ${DEPTH_MAX} deep`, 'more')
    }
    if (typeof json === 'string') return this.#named(json, around)
    if (Array.isArray(json)) return this.#union(json, around)
    if (typeof json === 'object' && json !== null) return this.#object(json as JsonObject, around)
    throw schemaFault(around.path, 'a type name, an object or an array', describeValue(json))
  }

  /** A default may be of a type that is still being read, so all are looked at in the end. */
  checkDefaults(): void {
    for (const { field, path } of this.#defaults) {
      if (fitsDefault(field.type, field.default)) continue
      const got = describeValue(field.default)
      throw schemaFault(path, `a default of its type ${nameOf(field.type)}`, got)
    }
  }

  #named(name: string, { namespace, path }: Around): AvroType {
    if (isPrimitive(name)) return { kind: name, logical: null }
    const type = this.names.get(fullName(name, namespace)) ?? this.names.get(name)
    if (type !== undefined) return type
    throw schemaFault(
      path,
      'a primitive type or the name of a type that stands before it or is referenced',
      describeValue(name),
    )
  }

  #union(json: readonly unknown[], around: Around): AvroType {
    const branches: AvroType[] = []
    const seen = new Set<string>()
    for (const [i, each] of json.entries()) {
      const at = within(around, `[${i}]`)
      const branch = this.parse(each, at)
      if (branch.kind === 'union') throw schemaFault(at.path, 'no union within a union', 'a union')
      const name = nameOf(branch)
      if (seen.has(name)) {
        throw schemaFault(at.path, 'a type that is in the union once', `${name} again`)
      }
      seen.add(name)
      branches.push(branch)
    }
    return { kind: 'union', branches }
  }

  #object(json: JsonObject, around: Around): AvroType {
    const kind = json['type']
    if (isPrimitive(kind)) return { kind, logical: logicalType(json, kind) }
    switch (kind) {
      case 'array':
        return { kind, items: this.parse(json['items'], within(around, '.items')) }
      case 'map':
        return { kind, values: this.parse(json['values'], within(around, '.values')) }
      case 'record':
      case 'error':
        return this.#record(json, around)
      case 'enum':
        return this.#enum(json, around)
      case 'fixed':
        return this.#fixed(json, around)
      default:
        return this.parse(kind, { ...around, depth: around.depth + 1 })
    }
  }

  #record(json: JsonObject, around: Around): RecordType {
    const { name, aliases, inner } = this.#header(json, around)
    const list = json['fields']
    if (!Array.isArray(list)) {
      throw schemaFault(inner.path, 'a record with an array of fields', describeValue(list))
    }
    this.#fieldCount += list.length
    if (this.#fieldCount > FIELDS_MAX) {
      throw schemaFault('', `of at most ${FIELDS_MAX} fields`, 'more')
    }
    const fields: RecordField[] = []
    const type: RecordType = { kind: 'record', name, aliases, fields }
    // Before its fields, which may be of this very type.
    this.#define(type, inner)
    const seen = new Set<string>()
    for (const [i, each] of list.entries()) {
      const field = this.#field(each, within(inner, `.fields[${i}]`), inner)
      if (seen.has(field.name)) {
        throw schemaFault(inner.path, 'a record with each field once', `${field.name} again`)
      }
      seen.add(field.name)
      fields.push(field)
    }
    return type
  }

  #field(json: unknown, at: Around, record: Around): RecordField {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw schemaFault(at.path, 'an object with name and type', describeValue(json))
    }
    const { name, type, aliases = [] } = json as JsonObject
    if (!isName(name)) throw schemaFault(`${at.path}.name`, NAME_RULE, describeValue(name))
    const inner = { ...at, path: `${record.path}.${name}` }
    if (!Array.isArray(aliases) || !aliases.every(isName)) {
      throw schemaFault(`${inner.path}.aliases`, 'an array of names', describeValue(aliases))
    }
    const field = {
      name,
      aliases,
      type: this.parse(type, inner),
      default: this.#hasDefaults ? (json as JsonObject)['default'] : undefined,
    }
    if (field.default !== undefined) this.#defaults.push({ field, path: inner.path })
    return field
  }

  #enum(json: JsonObject, around: Around): EnumType {
    const { name, aliases, inner } = this.#header(json, around)
    const { symbols, default: fallback = null } = json
    if (!Array.isArray(symbols) || symbols.length > SYMBOLS_MAX || !symbols.every(isName)) {
      const expected = `an enum with at most ${SYMBOLS_MAX} symbols that are names`
      throw schemaFault(inner.path, expected, describeValue(symbols))
    }
    if (new Set(symbols).size < symbols.length) {
      throw schemaFault(inner.path, 'an enum with each symbol once', 'one twice')
    }
    if (fallback !== null && !symbols.includes(fallback as string)) {
      throw schemaFault(inner.path, 'an enum whose default is a symbol', describeValue(fallback))
    }
    return this.#define(
      { kind: 'enum', name, aliases, symbols: [...symbols], default: fallback as string | null },
      inner,
    )
  }

  #fixed(json: JsonObject, around: Around): FixedType {
    const { name, aliases, inner } = this.#header(json, around)
    const { size } = json
    if (typeof size !== 'number' || (size | 0) !== size || size < 0 || size > FIXED_SIZE_MAX) {
      const expected = `a fixed with a size from 0 to ${FIXED_SIZE_MAX}`
      throw schemaFault(inner.path, expected, describeValue(size))
    }
    const logical = logicalType(json, 'fixed', size)
    return this.#define({ kind: 'fixed', name, aliases, size, logical }, inner)
  }

  /** Name, aliases, and what names inside are looked up with. */
  #header(
    json: JsonObject,
    around: Around,
  ): { readonly name: string; readonly aliases: string[]; readonly inner: Around } {
    const { name: given, namespace = around.namespace, aliases = [] } = json
    if (!isFullName(given)) {
      throw schemaFault(`${around.path}.name`, NAME_RULE, describeValue(given))
    }
    if (typeof namespace !== 'string' || (namespace !== '' && !isFullName(namespace as unknown))) {
      throw schemaFault(`${around.path}.namespace`, 'names with dots', describeValue(namespace))
    }
    const name = fullName(given, namespace as string)
    if (!Array.isArray(aliases) || !aliases.every(isFullName)) {
      throw schemaFault(`${name}.aliases`, 'an array of names', describeValue(aliases))
    }
    const own = namespaceOf(name)
    return {
      name,
      aliases: aliases.map(alias => fullName(alias, own)),
      inner: { namespace: own, path: name, depth: around.depth },
    }
  }

  #define<T extends NamedType>(type: T, { path }: Around): T {
    if (isPrimitive(type.name)) throw schemaFault(path, 'no name of a primitive type', type.name)
    if (this.names.has(type.name)) {
      throw schemaFault(path, 'defined once; use its name where it stands again', 'it again')
    }
    if (this.names.size >= NAMES_MAX) {
      throw schemaFault('', `of at most ${NAMES_MAX} named types`, 'more')
    }
    this.names.set(type.name, type)
    return type
  }
}

const NAME_RULE = 'a name: letters, digits and _, not beginning with a digit'

/** Types may nest by their names too; every later walk over them goes as deep as this one. */
function checkDepth(type: AvroType, depth = 0, seen: Set<AvroType> = new Set()): void {
  if (depth > NAMED_DEPTH_MAX) {
    throw schemaFault('', `of types at most ${NAMED_DEPTH_MAX} deep`, 'deeper ones')
  }
  if (isNamed(type)) {
    if (seen.has(type)) return
    seen.add(type)
  }
  if (type.kind === 'record')
    for (const { type: of } of type.fields) checkDepth(of, depth + 1, seen)
  else if (type.kind === 'array') checkDepth(type.items, depth + 1, seen)
  else if (type.kind === 'map') checkDepth(type.values, depth + 1, seen)
  else if (type.kind === 'union') for (const of of type.branches) checkDepth(of, depth + 1, seen)
}

function within({ namespace, path, depth }: Around, step: string): Around {
  return { namespace, path: path + step, depth: depth + 1 }
}
