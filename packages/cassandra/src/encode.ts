/**
 * Values as the bytes of any CQL type, nested ones included.
 *
 *   list, set   count, then each as size and bytes           sizes and counts have 32 bits
 *   map         count, then key and value of each
 *   tuple, UDT  each member as size and bytes, -1 = null
 *   vector      the members, with a size in front where their type has no fixed one
 *
 * A value is what a cell of a frame can hold: plain JSON, and bigint, bytes, dates, Map and Set.
 * What does not fit throws a `CqlRefusal` that names the path: `address.lines[2]`.
 */
import { didYouMean } from '@millrace/core'
import { CqlRefusal } from './cql-refusal.ts'
import { type CqlType, cqlText, type ScalarKind, type UdtField } from './cql-type.ts'
import { type CqlEncoder, SCALAR_ENCODERS } from './encode-scalar.ts'

export type { CqlEncoder }

export function cqlEncoder(type: CqlType): CqlEncoder {
  switch (type.kind) {
    case 'list':
      return listEncoder(cqlEncoder(type.item))
    case 'set':
      return setEncoder(cqlEncoder(type.item))
    case 'map':
      return mapEncoder(type.key, cqlEncoder(type.key), cqlEncoder(type.value))
    case 'tuple':
      return tupleEncoder(type.items.map(cqlEncoder))
    case 'vector':
      return vectorEncoder(type.item, type.size)
    case 'udt':
      return udtEncoder(type.fields)
    case 'other':
      return value => {
        throw new CqlRefusal(`nothing: type ${type.text} cannot be written`, value)
      }
    default:
      return SCALAR_ENCODERS[type.kind]
  }
}

/** The place of a refusal within its value, outermost first. */
export function pathOf(error: CqlRefusal): string {
  return paths.get(error) ?? ''
}

const paths = new WeakMap<CqlRefusal, string>()

function within<T>(place: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof CqlRefusal) paths.set(error, `${place}${paths.get(error) ?? ''}`)
    throw error
  }
}

function refusalAt(place: string, refusal: CqlRefusal): CqlRefusal {
  paths.set(refusal, place)
  return refusal
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

const NULL_SIZE = int32(-1)

function member(encode: CqlEncoder, value: unknown, place: string): Buffer {
  if (value === null || value === undefined) {
    throw refusalAt(place, new CqlRefusal('no null in a collection', value))
  }
  return within(place, () => encode(value))
}

function pushSized(parts: Buffer[], bytes: Buffer): void {
  parts.push(int32(bytes.length), bytes)
}

function listEncoder(encode: CqlEncoder): CqlEncoder {
  return value => {
    const items = value instanceof Set ? [...value] : value
    if (!Array.isArray(items) && !ArrayBuffer.isView(items)) throw new CqlRefusal('an array', value)
    const list = Array.from(items as ArrayLike<unknown>)
    const parts = [int32(list.length)]
    for (const [i, item] of list.entries()) pushSized(parts, member(encode, item, `[${i}]`))
    return Buffer.concat(parts)
  }
}

/** Each member once, as a server keeps it. */
function setEncoder(encode: CqlEncoder): CqlEncoder {
  return value => {
    const items = value instanceof Set ? [...value] : value
    if (!Array.isArray(items)) throw new CqlRefusal('an array', value)
    const members = new Map<string, Buffer>()
    for (const [i, item] of items.entries()) {
      const bytes = member(encode, item, `[${i}]`)
      members.set(bytes.toString('latin1'), bytes)
    }
    const parts = [int32(members.size)]
    for (const bytes of members.values()) pushSized(parts, bytes)
    return Buffer.concat(parts)
  }
}

/** An object, a Map, or an array of pairs. */
function mapEncoder(keyType: CqlType, key: CqlEncoder, value: CqlEncoder): CqlEncoder {
  const fromText = keyOfText(keyType)
  return given => {
    const entries = entriesOf(given, fromText)
    const parts = [int32(entries.length)]
    for (const [name, item] of entries) {
      pushSized(parts, member(key, name, '.key'))
      pushSized(parts, member(value, item, `[${JSON.stringify(String(name)).slice(0, 40)}]`))
    }
    return Buffer.concat(parts)
  }
}

function entriesOf(given: unknown, fromText: (key: string) => unknown): [unknown, unknown][] {
  if (given instanceof Map) return [...given]
  if (Array.isArray(given)) {
    for (const pair of given) {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new CqlRefusal('pairs [key, value]', pair)
    }
    return given as [unknown, unknown][]
  }
  if (typeof given !== 'object' || given === null || given instanceof Uint8Array) {
    throw new CqlRefusal('an object, a Map, or an array of pairs', given)
  }
  return Object.entries(given).map(([name, value]) => [fromText(name), value])
}

const NUMBERS: ReadonlySet<string> = new Set<ScalarKind>(['float', 'double'])

/** Names of properties are text; where the keys are numbers they stand for those. */
function keyOfText({ kind }: CqlType): (key: string) => unknown {
  if (kind === 'boolean') return key => (key === 'true' ? true : key === 'false' ? false : key)
  if (kind === 'timestamp') return key => (/^-?\d+$/.test(key) ? Number(key) : key)
  if (!NUMBERS.has(kind)) return key => key
  return key => (key.trim() === '' || Number.isNaN(Number(key)) ? key : Number(key))
}

function tupleEncoder(encoders: readonly CqlEncoder[]): CqlEncoder {
  return value => {
    if (!Array.isArray(value) || value.length > encoders.length) {
      throw new CqlRefusal(`an array of ${encoders.length}`, value)
    }
    return nullable(encoders.map((encode, i) => ({ encode, value: value[i], place: `[${i}]` })))
  }
}

function udtEncoder(fields: readonly UdtField[]): CqlEncoder {
  const encoders = fields.map(({ name, type }) => ({ name, encode: cqlEncoder(type) }))
  const names = new Set(fields.map(({ name }) => name))
  return value => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject || value instanceof Uint8Array) {
      throw new CqlRefusal(`an object with ${[...names].join(', ')}`, value)
    }
    const given = value as Record<string, unknown>
    for (const name of Object.keys(given)) {
      if (names.has(name)) continue
      const expected = `one of ${[...names].join(', ')}${didYouMean(name, names)}`
      throw refusalAt(`.${name}`, new CqlRefusal(expected, name))
    }
    return nullable(
      encoders.map(({ name, encode }) => {
        const own = Object.hasOwn(given, name) ? given[name] : null
        return { encode, value: own, place: `.${name}` }
      }),
    )
  }
}

interface Member {
  readonly encode: CqlEncoder
  readonly value: unknown
  readonly place: string
}

function nullable(members: readonly Member[]): Buffer {
  const parts: Buffer[] = []
  for (const { encode, value, place } of members) {
    if (value === null || value === undefined) parts.push(NULL_SIZE)
    else
      pushSized(
        parts,
        within(place, () => encode(value)),
      )
  }
  return Buffer.concat(parts)
}

const FIXED: ReadonlySet<string> = new Set<ScalarKind>([
  'bigint',
  'boolean',
  'double',
  'float',
  'int',
  'timestamp',
  'timeuuid',
  'uuid',
])

function vectorEncoder(item: CqlType, size: number): CqlEncoder {
  const encode = cqlEncoder(item)
  const isFixed = isFixedSize(item)
  return value => {
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !Buffer.isBuffer(value))
    const list = isList ? Array.from(value as unknown as ArrayLike<unknown>) : []
    if (!isList || list.length !== size) {
      throw new CqlRefusal(`an array of ${size} (${cqlText(item)})`, value)
    }
    const parts: Buffer[] = []
    for (const [i, each] of list.entries()) {
      const bytes = member(encode, each, `[${i}]`)
      if (!isFixed) parts.push(unsignedVint(bytes.length))
      parts.push(bytes)
    }
    return Buffer.concat(parts)
  }
}

function isFixedSize(type: CqlType): boolean {
  return type.kind === 'vector' ? isFixedSize(type.item) : FIXED.has(type.kind)
}

/** As many ones in front as bytes follow the first; for sizes below 2^28. */
function unsignedVint(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value])
  if (value < 0x4000) return Buffer.from([0x80 | (value >> 8), value & 0xff])
  if (value < 0x20_0000) {
    return Buffer.from([0xc0 | (value >> 16), (value >> 8) & 0xff, value & 0xff])
  }
  return Buffer.from([
    0xe0 | (value >> 24),
    (value >> 16) & 0xff,
    (value >> 8) & 0xff,
    value & 0xff,
  ])
}
