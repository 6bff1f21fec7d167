/**
 * Changes of a writer's schema from a seed, as a reader may have made them: those that resolution
 * has a rule for, and some that it refuses. A change may leave a name without its type; who asks
 * for it parses what comes out.
 */
import { PRIMITIVES } from '../src/avro-schema/avro-type.ts'
import type { Coverage } from './coverage.ts'
import { type Json, kindOf } from './generated-schema.ts'
import type { Random } from './random.ts'

type JsonObject = Readonly<Record<string, Json>>

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
    const object = type as JsonObject
    switch (object['type']) {
      case 'record':
        return this.#record(object)
      case 'enum':
        return this.#enum(object)
      case 'fixed':
        return this.#fixed(object)
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

  #record(record: JsonObject): Json {
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
    return this.#renamed({ ...record, fields })
  }

  #fixed(type: JsonObject): Json {
    if (type['logicalType'] === undefined && this.#random.chance(this.#rate / 10)) {
      this.#note('fixed of another size')
      return { ...type, size: (type['size'] as number) + 1 }
    }
    return this.#renamed(type)
  }

  #renamed(type: JsonObject): Json {
    if (!this.#random.chance(this.#rate / 10)) return type
    const name = type['name'] as string
    if (this.#random.chance(0.5)) {
      this.#note('type in another namespace')
      return { ...type, name: `other.${name.slice(name.indexOf('.') + 1)}` }
    }
    this.#note('type renamed, with an alias')
    return { ...type, name: `${name}x`, aliases: [name] }
  }

  #enum(type: JsonObject): Json {
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
      if (hasDefault) return this.#renamed({ ...type, symbols, default: symbols[0] })
    }
    return this.#renamed({ ...type, symbols })
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
