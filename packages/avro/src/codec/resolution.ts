/**
 * Schema resolution: how data of a writer's type is read as a reader's type, found out once and
 * kept as data. The specification's rules, in its words where they are short:
 *
 *   record   fields by name or by an alias of the reader's field, in any order; a writer's field
 *            that the reader lacks is skipped; a reader's field that the writer lacks takes its
 *            default, and without one is an error
 *   enum     a symbol that the reader lacks becomes the reader's default, else an error
 *   union    writer: by the branch that was written; reader: the first branch that matches
 *   promoted int → long, float, double; long → float, double; float → double; string ↔ bytes
 *   names    records, enums and fixed match by their unqualified names, or by an alias
 *   decimal  matches decimals of the same precision and scale only
 *
 * Beyond the specification: times of different units do not match, as the number would be read in
 * the wrong one. A mismatch is an error where a value is reached that has it, and nowhere else.
 */
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import {
  type AvroType,
  type EnumType,
  type FixedType,
  type NamedType,
  nameOf,
  type PrimitiveType,
  type RecordField,
  type RecordType,
  type UnionType,
  unqualified,
} from '../avro-schema/avro-type.ts'

export interface ScalarResolution {
  readonly kind: 'scalar'
  readonly writer: PrimitiveType | FixedType
  readonly reader: PrimitiveType | FixedType
}

export interface EnumResolution {
  readonly kind: 'enum'
  readonly writer: EnumType
  readonly reader: EnumType
  /** By the writer's index: the reader's, or -1. */
  readonly indices: Int32Array
}

/** A field of the writer, in the order they were written. */
export interface FieldStep {
  readonly field: RecordField
  /** The reader's field that it becomes; -1 = it is skipped, and `value` has no logical types. */
  readonly position: number
  readonly value: Resolution
}

export interface RecordResolution {
  readonly kind: 'record'
  readonly writer: RecordType
  readonly reader: RecordType
  readonly steps: readonly FieldStep[]
  /** Positions of the reader's fields that take their default. */
  readonly defaults: readonly number[]
}

export interface ArrayResolution {
  readonly kind: 'array'
  readonly writer: AvroType
  readonly items: Resolution
}

export interface MapResolution {
  readonly kind: 'map'
  readonly writer: AvroType
  readonly values: Resolution
}

/** Reads which branch was written, then that branch. */
export interface WriterUnionResolution {
  readonly kind: 'writer-union'
  readonly branches: readonly Resolution[]
}

/** A value that becomes one branch of the reader's union. */
export interface ReaderUnionResolution {
  readonly kind: 'reader-union'
  readonly reader: UnionType
  readonly branch: number
  readonly value: Resolution
}

/** What is written cannot be read as what is asked for. */
export interface ErrorResolution {
  readonly kind: 'error'
  readonly expected: string
  readonly got: string
}

export type Resolution =
  | ScalarResolution
  | EnumResolution
  | RecordResolution
  | ArrayResolution
  | MapResolution
  | WriterUnionResolution
  | ReaderUnionResolution
  | ErrorResolution

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function resolve(writer: AvroSchema, reader: AvroSchema): Resolution {
  return new Resolver().resolve(writer.type, reader.type)
}

/** A type read as itself. */
export function resolveSame(type: AvroType): Resolution {
  return new Resolver().resolve(type, type)
}

const PROMOTIONS: { readonly [writer: string]: readonly string[] } = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** Whether the specification says that these match; records by their names alone. */
function matches(writer: AvroType, reader: AvroType): boolean {
  if (writer.kind === 'union' || reader.kind === 'union') return true
  if (writer.kind === 'array') return reader.kind === 'array' && matches(writer.items, reader.items)
  if (writer.kind === 'map') return reader.kind === 'map' && matches(writer.values, reader.values)
  if (writer.kind === 'record') return reader.kind === 'record' && namesMatch(writer, reader)
  if (writer.kind === 'enum') return reader.kind === 'enum' && namesMatch(writer, reader)
  if (writer.kind === 'fixed') {
    return (
      reader.kind === 'fixed' &&
      namesMatch(writer, reader) &&
      writer.size === reader.size &&
      logicalsMatch(writer, reader)
    )
  }
  if (isStructured(reader)) return false
  const isSameKind =
    writer.kind === reader.kind || PROMOTIONS[writer.kind]?.includes(reader.kind) === true
  return isSameKind && logicalsMatch(writer, reader)
}

function isStructured(type: AvroType): type is Exclude<AvroType, PrimitiveType> {
  return ['array', 'map', 'record', 'enum', 'fixed', 'union'].includes(type.kind)
}

function namesMatch(writer: NamedType, reader: NamedType): boolean {
  return (
    unqualified(writer.name) === unqualified(reader.name) || reader.aliases.includes(writer.name)
  )
}

const TIME = /^(local-)?(timestamp|time)-/

function logicalsMatch(
  { logical: writer }: PrimitiveType | FixedType,
  { logical: reader }: PrimitiveType | FixedType,
): boolean {
  if (writer === null || reader === null) return true
  if (writer.kind === 'decimal' && reader.kind === 'decimal') {
    return writer.precision === reader.precision && writer.scale === reader.scale
  }
  if (!TIME.test(writer.kind) || !TIME.test(reader.kind)) return true
  return writer.kind.replace('local-', '') === reader.kind.replace('local-', '')
}

/** A field that is only skipped: nothing matters of it but how long it is. */
function plain(type: PrimitiveType | FixedType): PrimitiveType | FixedType {
  return type.logical === null ? type : { ...type, logical: null }
}

/** Records within each other, as pairs of writer and reader. */
const DEPTH_MAX = 500

class Resolver {
  readonly #skips: boolean
  #depth = 0
  #skipping: Resolver | null = null
  /** By writer and reader, so that types that hold themselves end. */
  readonly #records = new Map<RecordType, Map<RecordType, RecordResolution>>()

  constructor(skips = false) {
    this.#skips = skips
  }

  #skipped(type: AvroType): Resolution {
    if (this.#skips) return this.resolve(type, type)
    this.#skipping ??= new Resolver(true)
    return this.#skipping.resolve(type, type)
  }

  resolve(writer: AvroType, reader: AvroType): Resolution {
    if (writer.kind === 'union') {
      const branches = writer.branches.map(branch => this.resolve(branch, reader))
      return { kind: 'writer-union', branches }
    }
    if (reader.kind === 'union') return this.#toUnion(writer, reader)
    if (!matches(writer, reader)) return mismatch(writer, reader)
    switch (writer.kind) {
      case 'record':
        return this.#nested(writer, reader as RecordType)
      case 'enum':
        return enumResolution(writer, reader as EnumType)
      case 'array': {
        const { items } = reader as typeof writer
        return { kind: 'array', writer, items: this.resolve(writer.items, items) }
      }
      case 'map': {
        const { values } = reader as typeof writer
        return { kind: 'map', writer, values: this.resolve(writer.values, values) }
      }
      default: {
        const as = reader as PrimitiveType | FixedType
        return { kind: 'scalar', writer, reader: this.#skips ? plain(as) : as }
      }
    }
  }

  #toUnion(writer: AvroType, reader: UnionType): Resolution {
    const branch = branchFor(writer, reader)
    if (branch < 0) return mismatch(writer, reader)
    const value = this.resolve(writer, reader.branches[branch] as AvroType)
    return { kind: 'reader-union', reader, branch, value }
  }

  #nested(writer: RecordType, reader: RecordType): Resolution {
    if (this.#depth >= DEPTH_MAX) {
      const expected = `records at most ${DEPTH_MAX} deep`
      return { kind: 'error', expected, got: `deeper ones at ${writer.name}` }
    }
    this.#depth++
    const resolution = this.#record(writer, reader)
    this.#depth--
    return resolution
  }

  #record(writer: RecordType, reader: RecordType): Resolution {
    const known = this.#records.get(writer)?.get(reader)
    if (known !== undefined) return known
    const resolution: Mutable<RecordResolution> = {
      kind: 'record',
      writer,
      reader,
      steps: [],
      defaults: [],
    }
    if (!this.#records.has(writer)) this.#records.set(writer, new Map())
    this.#records.get(writer)?.set(reader, resolution)
    const sources = sourcesOf(reader, writer)
    const defaults: number[] = []
    for (const [position, source] of sources.entries()) {
      if (source >= 0) continue
      const field = reader.fields[position] as RecordField
      // The object stays: others may already hold it.
      if (field.default === undefined) return Object.assign(resolution, missing(field, writer))
      defaults.push(position)
    }
    resolution.defaults = defaults
    resolution.steps = writer.fields.map((field, index): FieldStep => {
      const position = sources.indexOf(index)
      if (position < 0) return { field, position, value: this.#skipped(field.type) }
      const { type } = reader.fields[position] as RecordField
      return { field, position, value: this.resolve(field.type, type) }
    })
    return resolution
  }
}

/**
 * The branch of the same type and full name, else the first that matches. By the letter of the
 * specification it is the first in any case; then an `int` would become a `float` even where a
 * union of float and int is read as itself.
 */
function branchFor(writer: AvroType, reader: UnionType): number {
  const isSame = (each: AvroType): boolean =>
    each.kind === writer.kind && nameOf(each) === nameOf(writer) && matches(writer, each)
  const same = reader.branches.findIndex(isSame)
  return same >= 0 ? same : reader.branches.findIndex(each => matches(writer, each))
}

/**
 * Of each field of the reader the writer's field that it is read from; -1 = none. Equal names come
 * before aliases, so no field of the writer is read twice.
 */
function sourcesOf(reader: RecordType, writer: RecordType): number[] {
  const indices = new Map(writer.fields.map(({ name }, index) => [name, index]))
  const sources = reader.fields.map(({ name }) => {
    const index = indices.get(name) ?? -1
    indices.delete(name)
    return index
  })
  return sources.map((source, position) => {
    if (source >= 0) return source
    const { aliases } = reader.fields[position] as RecordField
    const alias = aliases.find(name => indices.has(name))
    if (alias === undefined) return -1
    const index = indices.get(alias) as number
    indices.delete(alias)
    return index
  })
}

function enumResolution(writer: EnumType, reader: EnumType): EnumResolution {
  const fallback = reader.default === null ? -1 : reader.symbols.indexOf(reader.default)
  const indices = Int32Array.from(writer.symbols, symbol => {
    const index = reader.symbols.indexOf(symbol)
    return index >= 0 ? index : fallback
  })
  return { kind: 'enum', writer, reader, indices }
}

function mismatch(writer: AvroType, reader: AvroType): ErrorResolution {
  return { kind: 'error', expected: described(reader), got: `${described(writer)} in the data` }
}

function missing(field: RecordField, writer: RecordType): ErrorResolution {
  return {
    kind: 'error',
    expected: `field ${field.name} in ${writer.name}, or a default for it in the reader's schema`,
    got: 'neither',
  }
}

/** A type in a few words: `long timestamp-millis`, `union of null, string`. */
export function described(type: AvroType): string {
  if (type.kind === 'union') return `union of ${type.branches.map(nameOf).join(', ')}`
  if (type.kind === 'record' || type.kind === 'enum') return `${type.kind} ${type.name}`
  if (type.kind === 'array') return `array of ${nameOf(type.items)}`
  if (type.kind === 'map') return `map of ${nameOf(type.values)}`
  const name = type.kind === 'fixed' ? `fixed ${type.name} of ${type.size} bytes` : type.kind
  const { logical } = type
  if (logical === null) return name
  if (logical.kind === 'decimal') return `${name} decimal(${logical.precision},${logical.scale})`
  return `${name} ${logical.kind}`
}
