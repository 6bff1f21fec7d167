/**
 * Schemas and changes of schemas from a seed, as JSON, with a count of what was made: every type,
 * every logical type, every rule of resolution.
 */
import type { Random } from './random.ts'

export type Json = unknown
type JsonObject = Readonly<Record<string, Json>>

export class Coverage {
  readonly counts = new Map<string, number>()

  note(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  table(): string {
    const lines = [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return lines.map(([what, count]) => `${what.padEnd(40)} ${count}`).join('\n')
  }
}

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const

const LOGICAL_TYPES: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'int', logicalType: 'date' },
  { type: 'int', logicalType: 'time-millis' },
  { type: 'long', logicalType: 'time-micros' },
  { type: 'long', logicalType: 'timestamp-millis' },
  { type: 'long', logicalType: 'timestamp-micros' },
  { type: 'long', logicalType: 'timestamp-nanos' },
  { type: 'long', logicalType: 'local-timestamp-millis' },
  { type: 'long', logicalType: 'local-timestamp-micros' },
  { type: 'long', logicalType: 'local-timestamp-nanos' },
  { type: 'string', logicalType: 'uuid' },
  { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
  { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 10 },
]

const FIXED_LOGICAL: readonly Readonly<Record<string, unknown>>[] = [
  { size: 16, logicalType: 'uuid' },
  { size: 12, logicalType: 'duration' },
  { size: 9, logicalType: 'decimal', precision: 20, scale: 3 },
]

export interface SchemaOptions {
  readonly hasLogical: boolean
  readonly coverage: Coverage
}

export class SchemaMaker {
  readonly #random: Random
  readonly #options: SchemaOptions
  #count = 0
  /** Records that are being made: a type may hold itself. */
  readonly #open: string[] = []
  readonly #done: string[] = []

  constructor(random: Random, options: SchemaOptions) {
    this.#random = random
    this.#options = options
  }

  record(depth = 3): Json {
    const random = this.#random
    const name = this.#name('R')
    this.#open.push(name)
    const count = random.below(depth > 2 ? 8 : 4)
    const fields = Array.from({ length: count }, (_, i) => {
      const type = this.type(depth - 1)
      return { name: `f${i}`, type }
    })
    this.#open.pop()
    this.#note('record')
    this.#done.push(name)
    return { type: 'record', name, fields }
  }

  type(depth: number): Json {
    const random = this.#random
    if (depth <= 0 || random.chance(0.5)) return this.#flat()
    switch (random.below(7)) {
      case 0:
        this.#note('array')
        return { type: 'array', items: this.type(depth - 1) }
      case 1:
        this.#note('map')
        return { type: 'map', values: this.type(depth - 1) }
      case 2:
      case 3:
        return this.#union(depth)
      case 4:
        return this.record(depth)
      case 5:
        if (this.#open.length === 0) return this.#flat()
        this.#note('type that holds itself')
        return ['null', random.pick(this.#open)]
      default:
        if (this.#done.length === 0) return this.#flat()
        this.#note('type used by its name')
        return random.pick(this.#done)
    }
  }

  #union(depth: number): Json {
    const random = this.#random
    const branches = new Map<string, Json>()
    const count = 1 + random.below(4)
    for (let i = 0; i < count; i++) {
      const before = this.#done.length
      const type = this.type(Math.min(depth - 1, 1))
      // What is not taken has defined nothing.
      if (type === 'null' || Array.isArray(type) || branches.has(kindOf(type))) {
        this.#done.length = before
      } else branches.set(kindOf(type), type)
    }
    const list = [...branches.values()]
    if (random.chance(0.6)) list.splice(random.below(list.length + 1), 0, 'null')
    const others = list.filter(branch => branch !== 'null').length
    this.#note(others > 1 ? 'union of several' : others === 1 ? 'nullable' : 'union of null')
    return list.length === 0 ? ['null'] : list
  }

  #flat(): Json {
    const random = this.#random
    if (this.#options.hasLogical && random.chance(0.5)) {
      if (random.chance(0.8)) {
        const type = random.pick(LOGICAL_TYPES)
        this.#note(`logical ${type['logicalType']}`)
        return type
      }
      const type = random.pick(FIXED_LOGICAL)
      this.#note(`logical ${type['logicalType']} of fixed`)
      return { type: 'fixed', name: this.#name('L'), ...type }
    }
    if (random.chance(0.75)) {
      const type = random.pick(PRIMITIVES)
      this.#note(type)
      return type
    }
    if (random.chance(0.5)) {
      const symbols = random.shuffled(['A', 'B', 'C', 'D', 'E']).slice(0, 1 + random.below(5))
      this.#note('enum')
      return { type: 'enum', name: this.#name('E'), symbols }
    }
    this.#note('fixed')
    return { type: 'fixed', name: this.#name('F'), size: random.below(6) }
  }

  #name(letter: string): string {
    const name = `${letter}${this.#count++}`
    // Full names: one without a namespace would take that of the type around it.
    return `n${this.#random.below(3)}.${name}`
  }

  #note(what: string): void {
    this.#options.coverage.note(what)
  }
}

function kindOf(type: Json): string {
  if (typeof type === 'string') return type
  const { type: kind, name } = type as { type: string; name?: string }
  return name ?? kind
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

const DEFAULTS: readonly (readonly [Json, Json])[] = [
  ['int', -7],
  ['long', 123456789012],
  ['double', 1.25],
  ['float', 0.5],
  ['string', 'été'],
  ['bytes', '\u00ff\u0001'],
  ['boolean', true],
  [['null', 'string'], null],
  [['int', 'null'], 3],
  [{ type: 'array', items: 'int' }, [1, 2]],
  [{ type: 'map', values: 'string' }, { a: 'b' }],
]

/** Changes a writer's schema into one that a reader may have. */
export class SchemaChanger {
  readonly #random: Random
  readonly #coverage: Coverage
  /** How likely a part is changed. */
  readonly #rate: number

  constructor(random: Random, coverage: Coverage, rate = 0.35) {
    this.#random = random
    this.#coverage = coverage
    this.#rate = rate
  }

  change(type: Json): Json {
    if (Array.isArray(type)) return this.#union(type)
    if (typeof type === 'string') return this.#primitive(type)
    const object = type as Readonly<Record<string, Json>>
    switch (object['type']) {
      case 'record':
        return this.#record(object)
      case 'enum':
        return this.#enum(object)
      case 'fixed':
        return object
      case 'array':
        return { ...object, items: this.change(object['items']) }
      case 'map':
        return { ...object, values: this.change(object['values']) }
      default:
        return object
    }
  }

  #primitive(type: string): Json {
    const wider = WIDER[type]
    if (wider !== undefined && this.#random.chance(this.#rate)) {
      const to = this.#random.pick(wider)
      this.#note(`promoted ${type} to ${to}`)
      return this.#perhapsUnion(to)
    }
    // A name of a type made elsewhere stays what it is.
    if (!(PRIMITIVES as readonly string[]).includes(type)) return type
    if (this.#random.chance(this.#rate / 10)) {
      this.#note('type that does not match')
      return type === 'boolean' ? 'double' : 'boolean'
    }
    return this.#perhapsUnion(type)
  }

  #perhapsUnion(type: string): Json {
    if (type === 'null' || !this.#random.chance(this.#rate / 2)) return type
    this.#note('reader is a union, writer is none')
    if (this.#random.chance(0.5)) return ['null', type]
    return type === 'string' ? ['boolean', 'string'] : ['null', 'boolean', type].filter(once)
  }

  #union(branches: readonly Json[]): Json {
    const random = this.#random
    if (branches.length > 1 && random.chance(this.#rate / 2)) {
      this.#note('writer is a union, reader is none')
      return this.change(random.pick(branches))
    }
    let changed: Json[] = branches.map(branch => {
      const to = this.change(branch)
      return Array.isArray(to) ? branch : to
    })
    const kinds = changed.map(kindOf)
    if (new Set(kinds).size < kinds.length) changed = [...branches]
    if (random.chance(this.#rate)) {
      this.#note('union in another order')
      changed = random.shuffled(changed)
    }
    if (changed.length > 1 && random.chance(this.#rate / 3)) {
      this.#note('branch taken out of a union')
      changed.splice(random.below(changed.length), 1)
    }
    return changed
  }

  #record(record: Readonly<Record<string, Json>>): Json {
    const random = this.#random
    let fields = (record['fields'] as JsonObject[]).map((field): JsonObject => {
      const type = this.change(field['type'])
      if (!random.chance(this.#rate / 2)) return { ...field, type }
      this.#note('field renamed, with an alias')
      return { name: `${field['name']}x`, aliases: [field['name']], type }
    })
    if (random.chance(this.#rate)) {
      this.#note('fields in another order')
      fields = definitionsKept(fields) ? random.shuffled(fields) : fields
    }
    if (fields.length > 0 && random.chance(this.#rate / 2)) {
      const at = random.below(fields.length)
      if (!definesNames(fields[at])) {
        this.#note('field that the reader does not have')
        fields.splice(at, 1)
      }
    }
    if (random.chance(this.#rate)) {
      const [type, fallback] = random.pick(DEFAULTS)
      const hasDefault = random.chance(0.9)
      this.#note(hasDefault ? 'field with a default' : 'field without a default')
      const name = `d${random.below(1000)}`
      fields.push({ name, type, ...(hasDefault && { default: fallback }) })
    }
    return { ...record, fields }
  }

  #enum(type: Readonly<Record<string, Json>>): Json {
    const random = this.#random
    let symbols = type['symbols'] as string[]
    if (random.chance(this.#rate)) {
      this.#note('symbols in another order')
      symbols = random.shuffled([...symbols, 'NEW'])
    }
    if (symbols.length > 1 && random.chance(this.#rate)) {
      const hasDefault = random.chance(0.6)
      this.#note(hasDefault ? 'symbol gone, with a default' : 'symbol gone, without a default')
      symbols = symbols.slice(1)
      if (hasDefault) return { ...type, symbols, default: symbols[0] }
    }
    return { ...type, symbols }
  }

  #note(what: string): void {
    this.#coverage.note(`rule: ${what}`)
  }
}

function once(value: unknown, index: number, list: readonly unknown[]): boolean {
  return list.indexOf(value) === index
}

/** A type is defined where it stands first: fields that do so keep their order. */
function definitionsKept(fields: readonly Json[]): boolean {
  return !fields.some(definesNames)
}

function definesNames(field: Json): boolean {
  return JSON.stringify(field).includes('"name"', JSON.stringify(field).indexOf('"name"') + 1)
}
