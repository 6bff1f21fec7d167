/**
 * Schemas from a seed, as JSON, with a count of what was made. They are bounded in depth and in
 * width; each is valid by itself, and its names are full names, so that a part of it may be moved.
 */
import { PRIMITIVES } from '../src/avro-schema/avro-type.ts'
import type { Coverage } from './coverage.ts'
import type { Random } from './random.ts'

export type Json = unknown

export const LOGICAL_TYPES: readonly Readonly<Record<string, unknown>>[] = [
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

export const FIXED_LOGICAL: readonly Readonly<Record<string, unknown>>[] = [
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

export function kindOf(type: Json): string {
  if (typeof type === 'string') return type
  const { type: kind, name } = type as { type: string; name?: string }
  return name ?? kind
}
