/**
 * Why a reader's schema cannot read everything that a writer's schema may write: each field that
 * breaks a rule of the specification, with the rule and what would mend it.
 *
 *   record   names match; a field that only the reader has needs a default
 *   enum     a symbol that only the writer has needs a default of the reader's enum
 *   fixed    names and sizes match
 *   union    every branch of the writer's is read by some branch of the reader's
 *   else     the same type, or int → long → float → double, string ↔ bytes
 *
 * Decimals must also agree in precision and scale, and times in their unit: the bytes would be
 * read, as another number. Names match without their namespaces, or by an alias of the reader's.
 */
import {
  type AvroType,
  type EnumType,
  type FixedType,
  isNamed,
  nameOf,
  type RecordField,
  type RecordType,
  type UnionType,
  unqualified,
} from '../avro-schema/avro-type.ts'

export type ConflictRule =
  | 'field-without-default'
  | 'type-changed'
  | 'name-changed'
  | 'symbol-removed'
  | 'size-changed'
  | 'branch-removed'
  | 'logical-type-changed'

export interface SchemaConflict {
  /** From the outermost type on: `Order.lines[].price`, `Order.tags{}`. */
  readonly path: string
  readonly rule: ConflictRule
  /** What is wrong and what would mend it; of two schemas, the writer's and the reader's. */
  readonly text: string
}

/** More than anybody reads, and an end for schemas that are made to be long. */
const CONFLICTS_MAX = 100

/** What the two schemas are called in texts. */
export interface ConflictNames {
  readonly writer: string
  readonly reader: string
}

const NAMES: ConflictNames = { writer: 'the writer', reader: 'the reader' }

/** None: the reader reads everything. */
export function schemaConflicts(
  writer: AvroType,
  reader: AvroType,
  names: ConflictNames = NAMES,
): readonly SchemaConflict[] {
  const comparison = new Comparison(names, new Map(), false)
  comparison.compare(writer, reader, pathOf(reader))
  return comparison.found
}

const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** By writer and reader: whether there are conflicts, as far as is known. */
type Compared = Map<RecordType, Map<RecordType, boolean>>

class Comparison {
  readonly found: SchemaConflict[] = []
  readonly #names: ConflictNames
  /** Pairs that are being compared, or were: types may hold themselves, and many the same. */
  readonly #compared: Compared
  /** Whether there are conflicts is asked, not which. */
  readonly #isTrial: boolean

  constructor(names: ConflictNames, compared: Compared, isTrial: boolean) {
    this.#names = names
    this.#compared = compared
    this.#isTrial = isTrial
  }

  compare(writer: AvroType, reader: AvroType, path: string): void {
    if (this.found.length >= CONFLICTS_MAX) return
    if (writer.kind === 'union') {
      this.#eachBranch(writer, reader, path)
    } else if (reader.kind === 'union') {
      this.#someBranch(writer, reader, path)
    } else if (writer.kind === 'record' && reader.kind === 'record') {
      this.#name(writer, reader, path)
      this.#record(writer, reader, path)
    } else if (writer.kind === 'enum' && reader.kind === 'enum') {
      this.#name(writer, reader, path)
      this.#symbols(writer, reader, path)
    } else if (writer.kind === 'fixed' && reader.kind === 'fixed') {
      this.#name(writer, reader, path)
      this.#fixed(writer, reader, path)
    } else if (writer.kind === 'array' && reader.kind === 'array') {
      this.compare(writer.items, reader.items, `${path}[]`)
    } else if (writer.kind === 'map' && reader.kind === 'map') {
      this.compare(writer.values, reader.values, `${path}{}`)
    } else if (writer.kind === reader.kind || PROMOTED[writer.kind]?.includes(reader.kind)) {
      this.#logical(writer, reader, path)
    } else {
      this.#add(
        path,
        'type-changed',
        `the writer has ${nameOf(writer)} and the reader ${nameOf(reader)}, which cannot be ` +
          'read from it. Keep the type, or add a field beside it',
      )
    }
  }

  #eachBranch(writer: UnionType, reader: AvroType, path: string): void {
    for (const branch of writer.branches) {
      if (reader.kind === 'union') this.#someBranch(branch, reader, path)
      else this.#branch(branch, reader, path)
    }
  }

  /** The one that is not a union must read every branch. */
  #branch(branch: AvroType, reader: AvroType, path: string): void {
    if (this.#isReadable(branch, reader)) return
    this.#add(
      path,
      'branch-removed',
      `the writer may write ${nameOf(branch)}, and the reader has ${nameOf(reader)} alone. ` +
        `Keep ${nameOf(branch)} in a union`,
    )
  }

  #someBranch(writer: AvroType, reader: UnionType, path: string): void {
    const named = isNamed(writer)
      ? reader.branches.find(each => isNamed(each) && namesMatch(writer, each))
      : undefined
    // What is wrong inside the branch that is meant says more than that none fits.
    if (named !== undefined && named.kind === writer.kind) {
      this.compare(writer, named, path)
      return
    }
    if (reader.branches.some(each => this.#isReadable(writer, each))) return
    this.#add(
      path,
      'branch-removed',
      `the writer may write ${nameOf(writer)}, and the reader's union has no branch for it. ` +
        `Keep ${nameOf(writer)} in the union`,
    )
  }

  #isReadable(writer: AvroType, reader: AvroType): boolean {
    const trial = new Comparison(this.#names, this.#compared, true)
    trial.compare(writer, reader, '')
    return trial.found.length === 0
  }

  #record(writer: RecordType, reader: RecordType, path: string): void {
    const ofWriter = this.#compared.get(writer) ?? new Map<RecordType, boolean>()
    this.#compared.set(writer, ofWriter)
    const known = ofWriter.get(reader)
    if (known === true && this.#isTrial) this.#add(path, 'type-changed', 'as said elsewhere')
    if (known !== undefined) return
    ofWriter.set(reader, false)
    const before = this.found.length
    for (const field of reader.fields) {
      const written = writer.fields.find(each => isFieldOf(field, each.name))
      const at = `${path}.${field.name}`
      if (written !== undefined) this.compare(written.type, field.type, at)
      else if (field.default === undefined) this.#withoutDefault(field, at)
    }
    ofWriter.set(reader, this.found.length > before)
  }

  #withoutDefault({ type }: RecordField, path: string): void {
    const text =
      'the reader has this field, without a default, and the writer does not write it. ' +
      `Give the ${nameOf(type)} a default, or an alias if it was renamed`
    this.#add(path, 'field-without-default', text)
  }

  #symbols(writer: EnumType, reader: EnumType, path: string): void {
    if (reader.default !== null) return
    const known = new Set(reader.symbols)
    const gone = writer.symbols.filter(symbol => !known.has(symbol))
    if (gone.length === 0) return
    const some = gone.slice(0, 5).join(', ') + (gone.length > 5 ? ', …' : '')
    this.#add(
      path,
      'symbol-removed',
      `the writer may write ${some}, which the reader's enum does not have. ` +
        'Keep the symbols, or give the enum a default',
    )
  }

  #fixed(writer: FixedType, reader: FixedType, path: string): void {
    const text = `the writer has ${writer.size} bytes and the reader ${reader.size}. Keep the size`
    if (writer.size === reader.size) this.#logical(writer, reader, path)
    else this.#add(path, 'size-changed', text)
  }

  #name(writer: AvroType, reader: AvroType, path: string): void {
    if (namesMatch(writer, reader)) return
    this.#add(
      path,
      'name-changed',
      `the writer's type is ${nameOf(writer)} and the reader's ${nameOf(reader)}. ` +
        `Keep the name, or give the reader's type the alias ${nameOf(writer)}`,
    )
  }

  #logical(writer: AvroType, reader: AvroType, path: string): void {
    const [from, to] = [meaningOf(writer), meaningOf(reader)]
    if (from === to || from === null || to === null) return
    this.#add(
      path,
      'logical-type-changed',
      `the writer has ${from} and the reader ${to}, which would be read as another number. ` +
        'Keep it, or add a field beside it',
    )
  }

  #add(path: string, rule: ConflictRule, text: string): void {
    if (this.found.length >= CONFLICTS_MAX) return
    const named = text.replace(/\bthe (writer|reader)\b/g, (_, who: 'writer' | 'reader') => {
      return this.#names[who]
    })
    this.found.push({ path, rule, text: named })
  }
}

function pathOf(type: AvroType): string {
  return isNamed(type) ? unqualified(type.name) : type.kind
}

function isFieldOf(reader: RecordField, written: string): boolean {
  return reader.name === written || reader.aliases.includes(written)
}

function namesMatch(writer: AvroType, reader: AvroType): boolean {
  if (!isNamed(writer) || !isNamed(reader)) return true
  const isSame = unqualified(writer.name) === unqualified(reader.name)
  return isSame || reader.aliases.includes(writer.name)
}

/** What a number counts, where it matters; null when any reading is as good. */
function meaningOf(type: AvroType): string | null {
  const logical = 'logical' in type ? type.logical : null
  if (logical === null) return null
  if (logical.kind === 'decimal') return `decimal(${logical.precision},${logical.scale})`
  const unit = /(millis|micros|nanos)$/.exec(logical.kind)?.[1]
  return unit === undefined ? null : logical.kind.replace('local-', '')
}
