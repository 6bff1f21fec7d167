/**
 * The types of CQL as data: read from the text that `system_schema` and users write.
 *
 *   type = name | frozen<type> | list<type> | set<type> | map<type, type> | tuple<type, …>
 *        | vector<type, size> | user-defined type, quoted where it must be
 *
 * `frozen` says how a server keeps a value, not what is in it, so it is dropped within another
 * frozen value. What is not known (a custom class) is `other`: it can be read about, not written.
 */

export const SCALARS = [
  'ascii',
  'bigint',
  'blob',
  'boolean',
  'counter',
  'date',
  'decimal',
  'double',
  'duration',
  'float',
  'inet',
  'int',
  'smallint',
  'text',
  'time',
  'timestamp',
  'timeuuid',
  'tinyint',
  'uuid',
  'varint',
] as const

export type ScalarKind = (typeof SCALARS)[number]

export interface UdtField {
  readonly name: string
  readonly type: CqlType
}

export type CqlType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'list' | 'set'; readonly item: CqlType; readonly isFrozen: boolean }
  | {
      readonly kind: 'map'
      readonly key: CqlType
      readonly value: CqlType
      readonly isFrozen: boolean
    }
  | { readonly kind: 'tuple'; readonly items: readonly CqlType[] }
  | { readonly kind: 'vector'; readonly item: CqlType; readonly size: number }
  | {
      readonly kind: 'udt'
      readonly name: string
      readonly fields: readonly UdtField[]
      readonly isFrozen: boolean
    }
  | { readonly kind: 'other'; readonly text: string }

/** The fields of a user-defined type by its name; undefined = there is none. */
export type UdtLookup = (name: string) => readonly { name: string; type: string }[] | undefined

const TOKEN = /\s*(?:"((?:[^"]|"")+)"|('[^']*')|([\w.]+)|([<>,]))/y
/** Types within types; more is no type anybody has. */
const DEPTH_MAX = 64

/** Reads a type; text that is none gives `other`. */
export function parseCqlType(text: string, udts: UdtLookup = () => undefined): CqlType {
  const tokens = tokensOf(text)
  if (tokens === null) return { kind: 'other', text }
  const reader = new TypeReader(tokens, udts)
  const type = reader.type(false, 0)
  return type === null || !reader.isAtEnd ? { kind: 'other', text } : type
}

/** For messages and DDL: `map<text, frozen<list<int>>>`. */
export function cqlText(type: CqlType): string {
  switch (type.kind) {
    case 'list':
    case 'set':
      return frozen(type, `${type.kind}<${innerText(type.item)}>`)
    case 'map':
      return frozen(type, `map<${innerText(type.key)}, ${innerText(type.value)}>`)
    case 'tuple':
      return `tuple<${type.items.map(innerText).join(', ')}>`
    case 'vector':
      return `vector<${innerText(type.item)}, ${type.size}>`
    case 'udt':
      return frozen(type, /^[a-z][a-z0-9_]*$/.test(type.name) ? type.name : `"${type.name}"`)
    case 'other':
      return type.text
    default:
      return type.kind
  }
}

/** Within another type a collection is frozen in any case. */
function innerText(type: CqlType): string {
  const text = cqlText(type)
  return 'isFrozen' in type && !type.isFrozen ? `frozen<${text}>` : text
}

function frozen({ isFrozen }: { readonly isFrozen: boolean }, text: string): string {
  return isFrozen ? `frozen<${text}>` : text
}

interface Token {
  readonly text: string
  readonly isName: boolean
  readonly isQuoted: boolean
}

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text)
    if (match === null || match[2] !== undefined) return null
    const [, quoted, , plain, sign] = match
    if (quoted !== undefined) {
      tokens.push({ text: quoted.replaceAll('""', '"'), isName: true, isQuoted: true })
    } else if (plain !== undefined) tokens.push({ text: plain, isName: true, isQuoted: false })
    else tokens.push({ text: sign as string, isName: false, isQuoted: false })
  }
  return tokens
}

class TypeReader {
  readonly #tokens: readonly Token[]
  readonly #udts: UdtLookup
  #at = 0

  constructor(tokens: readonly Token[], udts: UdtLookup) {
    this.#tokens = tokens
    this.#udts = udts
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length
  }

  type(isFrozen: boolean, depth: number): CqlType | null {
    const token = this.#tokens[this.#at++]
    if (token === undefined || !token.isName || depth > DEPTH_MAX) return null
    if (token.isQuoted) return this.#udt(token.text, isFrozen, depth)
    const name = token.text.toLowerCase()
    if (name === 'varchar') return { kind: 'text' }
    if ((SCALARS as readonly string[]).includes(name)) return { kind: name as ScalarKind }
    const isOpen = this.#take('<')
    if (!isOpen) return this.#udt(name, isFrozen, depth)
    const type = this.#parameters(name, isFrozen, depth + 1)
    return type !== null && this.#take('>') ? type : null
  }

  #parameters(name: string, isFrozen: boolean, depth: number): CqlType | null {
    if (name === 'frozen') return this.type(true, depth)
    const items: CqlType[] = []
    let size: number | null = null
    do {
      const next = this.#tokens[this.#at]
      if (
        name === 'vector' &&
        items.length === 1 &&
        next !== undefined &&
        /^\d+$/.test(next.text)
      ) {
        size = Number(next.text)
        this.#at++
        continue
      }
      const item = this.type(isFrozen, depth)
      if (item === null) return null
      items.push(item)
    } while (this.#take(','))
    return typeOf(name, items, size, isFrozen)
  }

  #udt(name: string, isFrozen: boolean, depth: number): CqlType | null {
    const fields = this.#udts(name)
    if (fields === undefined) return null
    const typed: UdtField[] = []
    for (const field of fields) {
      const tokens = tokensOf(field.type)
      if (tokens === null) return null
      const type = new TypeReader(tokens, this.#udts).type(isFrozen, depth + 1)
      if (type === null) return null
      typed.push({ name: field.name, type })
    }
    return { kind: 'udt', name, fields: typed, isFrozen }
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.isName || token.text !== sign) return false
    this.#at++
    return true
  }
}

function typeOf(
  name: string,
  items: readonly CqlType[],
  size: number | null,
  isFrozen: boolean,
): CqlType | null {
  const [first, second] = items as [CqlType, CqlType | undefined]
  if (name === 'tuple') return { kind: 'tuple', items }
  if (name === 'vector' && size !== null && items.length === 1) {
    return { kind: 'vector', item: first, size }
  }
  if ((name === 'list' || name === 'set') && items.length === 1) {
    return { kind: name, item: first, isFrozen }
  }
  if (name === 'map' && second !== undefined && items.length === 2) {
    return { kind: 'map', key: first, value: second, isFrozen }
  }
  return null
}
