/**
 * Whether the JSON of a default fits its type.
 *
 * Bytes and fixed are text whose characters are the bytes (U+0000 to U+00FF). The default of a
 * union fits any one of its branches, of which the first counts.
 */
import type { AvroType, RecordType, UnionType } from './avro-type.ts'

const INT64_MIN = -(2 ** 63)
const INT64_END = 2 ** 63
const DEPTH_MAX = 64
const VALUES_MAX = 100_000

/** How much may still be looked at; records of defaults within defaults grow with every level. */
interface Budget {
  left: number
}

export function fitsDefault(
  type: AvroType,
  json: unknown,
  depth = 0,
  budget: Budget = { left: VALUES_MAX },
): boolean {
  if (depth > DEPTH_MAX || --budget.left < 0) return false
  switch (type.kind) {
    case 'null':
      return json === null
    case 'boolean':
      return typeof json === 'boolean'
    case 'int':
      return typeof json === 'number' && (json | 0) === json
    case 'long':
      return isLong(json)
    case 'float':
    case 'double':
      return typeof json === 'number'
    case 'string':
      return typeof json === 'string'
    case 'bytes':
      return isBytesText(json)
    case 'fixed':
      return isBytesText(json) && json.length === type.size
    case 'enum':
      return typeof json === 'string' && type.symbols.includes(json)
    case 'array':
      return (
        Array.isArray(json) && json.every(item => fitsDefault(type.items, item, depth + 1, budget))
      )
    case 'map':
      return (
        isObject(json) &&
        Object.values(json).every(v => fitsDefault(type.values, v, depth + 1, budget))
      )
    case 'union':
      return branchOfDefault(type, json, depth, budget) >= 0
    case 'record':
      return fitsRecord(type, json, depth, budget)
  }
}

/** The branch that a default of the union is of; -1 = none. */
export function branchOfDefault(
  type: UnionType,
  json: unknown,
  depth = 0,
  budget: Budget = { left: VALUES_MAX },
): number {
  return type.branches.findIndex(branch => fitsDefault(branch, json, depth + 1, budget))
}

function fitsRecord(type: RecordType, json: unknown, depth: number, budget: Budget): boolean {
  if (!isObject(json)) return false
  return type.fields.every(field => {
    const value = Object.hasOwn(json, field.name) ? json[field.name] : field.default
    return value !== undefined && fitsDefault(field.type, value, depth + 1, budget)
  })
}

/** A bigint where the reader of the schema's text found a number that a double cannot hold. */
function isLong(json: unknown): boolean {
  if (typeof json === 'bigint') return BigInt.asIntN(64, json) === json
  return typeof json === 'number' && Number.isInteger(json) && json >= INT64_MIN && json < INT64_END
}

function isBytesText(json: unknown): json is string {
  if (typeof json !== 'string') return false
  for (let i = 0; i < json.length; i++) if (json.charCodeAt(i) > 0xff) return false
  return true
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
