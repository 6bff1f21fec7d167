/**
 * Defaults of a reader's schema as values: what stands in the schema's JSON becomes what reading
 * the field would have given.
 */

import { type AvroType, nameOf } from '../avro-schema/avro-type.ts'
import { branchOfDefault } from '../avro-schema/default-value.ts'
import { Cursor } from './cursor.ts'
import { resolveSame, type ScalarResolution } from './resolution.ts'
import { scalarReader } from './scalar-reader.ts'
import { setOwn } from './set-own.ts'
import { isWrapped, type ValueForm } from './value-form.ts'

/** A new value each time: it belongs to who asked. */
export function defaultValue(type: AvroType, json: unknown, form: ValueForm): unknown {
  switch (type.kind) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'double':
    case 'string':
    case 'enum':
      return json
    case 'float':
      return Math.fround(json as number)
    case 'long':
      return scalarValue(type, longBytes(BigInt(json as number | bigint)), form)
    case 'bytes':
      return bytesValue(type, json as string, form)
    case 'fixed':
      return scalarValue(type, Buffer.from(json as string, 'latin1'), form)
    case 'array':
      return (json as unknown[]).map(item => defaultValue(type.items, item, form))
    case 'map':
      return objectOf(Object.entries(json as object), () => type.values, form)
    case 'record': {
      const given = json as Record<string, unknown>
      const entries = type.fields.map(({ name, default: own }): [string, unknown] => {
        return [name, Object.hasOwn(given, name) ? given[name] : own]
      })
      return objectOf(entries, i => (type.fields[i] as { type: AvroType }).type, form)
    }
    case 'union': {
      const branch = type.branches[branchOfDefault(type, json)] as AvroType
      const value = defaultValue(branch, json, form)
      if (branch.kind === 'null' || !isWrapped(type, form)) return value
      return { [nameOf(branch)]: value }
    }
  }
}

function objectOf(
  entries: readonly (readonly [string, unknown])[],
  typeAt: (index: number) => AvroType,
  form: ValueForm,
): unknown {
  const object: Record<string, unknown> = {}
  for (const [i, [name, value]] of entries.entries()) {
    setOwn(object, name, defaultValue(typeAt(i), value, form))
  }
  return object
}

function bytesValue(type: AvroType, text: string, form: ValueForm): unknown {
  const bytes = Buffer.from(text, 'latin1')
  return scalarValue(type, Buffer.concat([longBytes(BigInt(bytes.length)), bytes]), form)
}

/** What reading these bytes gives. */
function scalarValue(type: AvroType, bytes: Buffer, form: ValueForm): unknown {
  const cursor = new Cursor()
  cursor.open(bytes, 0, bytes.length)
  return scalarReader(resolveSame(type) as ScalarResolution, form).read(cursor)
}

function longBytes(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
