/**
 * A registered schema as a TypeScript module with one constant. What the schema refers to is
 * written out where it is used first, so the module needs no registry.
 */
import { isRefusal, MillraceError, parseJson } from '@millrace/core'
import { isNamed, unqualified } from '../avro-schema/avro-type.ts'
import { fullName, isPrimitive, namespaceOf } from '../avro-schema/names.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import type { SubjectVersion } from '../registry/registered-schema.ts'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * @param name of the constant; null = that of the schema.
 * @throws INVALID_ARGUMENT when the schema or the name is none.
 */
export function schemaModule(of: SubjectVersion, name: string | null): string {
  const { subject, version, schema, references } = of
  const whole = new Inliner(references.map(each => json(each.schema))).whole(json(schema))
  const { type } = parseSchema(whole)
  const constant = name ?? (isNamed(type) ? unqualified(type.name) : 'Schema')
  if (!/^[A-Za-z_$][\w$]*$/.test(constant)) {
    throw new MillraceError('INVALID_ARGUMENT', `--name is a name of a constant; got ${constant}.`)
  }
  const from = JSON.stringify(`${subject}, version ${version}`)
  return (
    `// Written by \`millrace avro pull\` from ${from}: do not edit it, pull it again.\n\n` +
    `export const ${constant} = ${literal(whole, '')} as const\n`
  )
}

function json(text: string): unknown {
  const value = parseJson(text)
  // The name of a primitive type may stand alone.
  if (!isRefusal(value)) return value
  throw new MillraceError('INVALID_ARGUMENT', `the schema is no JSON: ${value.got}.`)
}

class Inliner {
  /** Types that are referred to, by their full names. */
  readonly #types = new Map<string, JsonObject>()
  readonly #written = new Set<string>()

  constructor(references: readonly unknown[]) {
    for (const each of references) {
      if (typeof each !== 'object' || each === null) continue
      const { name, namespace } = each as JsonObject
      if (typeof name !== 'string') continue
      const space = typeof namespace === 'string' ? namespace : ''
      this.#types.set(fullName(name, space), each as JsonObject)
    }
  }

  whole(schema: unknown): unknown {
    return this.#schema(schema, '')
  }

  #schema(schema: unknown, namespace: string): unknown {
    if (typeof schema === 'string') return this.#named(schema, namespace)
    if (Array.isArray(schema)) return schema.map(branch => this.#schema(branch, namespace))
    if (typeof schema !== 'object' || schema === null) return schema
    return this.#object(schema as JsonObject, namespace)
  }

  #named(name: string, namespace: string): unknown {
    if (isPrimitive(name)) return name
    const full = this.#types.has(fullName(name, namespace)) ? fullName(name, namespace) : name
    const type = this.#types.get(full)
    if (type === undefined || this.#written.has(full)) return name
    // Its namespace is said, as it stands within another now.
    return this.#object(
      { ...type, name: unqualified(full), namespace: namespaceOf(full) },
      namespace,
    )
  }

  #object(schema: JsonObject, around: string): JsonObject {
    const { name, namespace, fields, items, values, type } = schema
    let space = around
    if (typeof name === 'string' && typeof type === 'string') {
      const full = fullName(name, typeof namespace === 'string' ? namespace : around)
      space = namespaceOf(full)
      this.#written.add(full)
    }
    const inside: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) define(inside, key, value)
    if (Array.isArray(fields)) {
      inside['fields'] = fields.map(field => {
        const copy = { ...(field as JsonObject) }
        return { ...copy, type: this.#schema(copy['type'], space) }
      })
    }
    if (items !== undefined) inside['items'] = this.#schema(items, space)
    if (values !== undefined) inside['values'] = this.#schema(values, space)
    const isNested = typeof type === 'object' && type !== null
    if (isNested) inside['type'] = this.#schema(type, space)
    return inside
  }
}

function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

const NAME = /^[A-Za-z_$][\w$]*$/
const LINE_LENGTH_MAX = 80

/** A value as TypeScript has it, in one line where it is short. */
function literal(value: unknown, indent: string): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return textOf(value)
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map(each => literal(each, inner))
    : Object.entries(value).map(([key, each]) => `${keyOf(key)}: ${literal(each, inner)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return `${open}${close}`
  const space = isList ? '' : ' '
  const line = `${open}${space}${parts.join(', ')}${space}${close}`
  if (line.length + indent.length <= LINE_LENGTH_MAX && !line.includes('\n')) return line
  return `${open}\n${parts.map(part => `${inner}${part},\n`).join('')}${indent}${close}`
}

function keyOf(key: string): string {
  // Without brackets that name would set the prototype.
  if (key === '__proto__') return "['__proto__']"
  return NAME.test(key) ? key : textOf(key)
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"')
  return `'${escaped.replaceAll("'", "\\'")}'`
}
