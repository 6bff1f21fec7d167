/**
 * Values as JavaScript has them, read by a resolution: the clear version of all decoding.
 *
 * `read` gives the value, `skip` steps over it with the same checks and makes nothing; both throw
 * the same faults. A reader holds no state beyond the cursor it is given.
 */
import { type AvroType, nameOf, type RecordType } from '../avro-schema/avro-type.ts'
import type { Cursor } from './cursor.ts'
import { defaultValue } from './default-cell.ts'
import type {
  ErrorResolution,
  RecordResolution,
  Resolution,
  WriterUnionResolution,
} from './resolution.ts'
import { scalarReader } from './scalar-reader.ts'
import { setOwn } from './set-own.ts'
import { sizeMin } from './size-min.ts'
import { ValueFault } from './value-fault.ts'
import { EXACT_FORM, isWrapped, type ValueForm } from './value-form.ts'

export interface ValueReader {
  read(cursor: Cursor): unknown
  skip(cursor: Cursor): void
}

/** Makes readers; those of records are shared, as types may hold themselves. */
export class ValueReaders {
  readonly #form: ValueForm
  readonly #records = new Map<RecordResolution, RecordReader>()
  #skipping: ValueReaders | null = null

  constructor(form: ValueForm) {
    this.#form = form
  }

  of(resolution: Resolution): ValueReader {
    switch (resolution.kind) {
      case 'scalar':
        return scalarReader(resolution, this.#form)
      case 'enum':
        return new EnumReader(
          resolution.reader.symbols,
          resolution.indices,
          resolution.writer.symbols,
        )
      case 'record':
        return this.#record(resolution)
      case 'array':
        return new ArrayReader(this.of(resolution.items), itemsSizeMin(resolution.writer))
      case 'map':
        return new MapReader(this.of(resolution.values), itemsSizeMin(resolution.writer))
      case 'writer-union':
        return this.#writerUnion(resolution)
      case 'reader-union': {
        const inner = this.of(resolution.value)
        const type = resolution.reader.branches[resolution.branch] as AvroType
        if (type.kind === 'null' || !isWrapped(resolution.reader, this.#form)) return inner
        return new WrappedReader(inner, nameOf(type))
      }
      case 'error':
        return new ErrorReader(resolution)
    }
  }

  #record(resolution: RecordResolution): ValueReader {
    const known = this.#records.get(resolution)
    if (known !== undefined) return known
    const reader = new RecordReader(resolution.reader)
    this.#records.set(resolution, reader)
    const { fields } = resolution.reader
    reader.fill(
      resolution.steps.map(({ field, position, value }) => ({
        name: field.name,
        position,
        reader: position < 0 ? this.#skipped(value) : this.of(value),
      })),
      resolution.defaults.map(position => {
        const { type, default: json } = fields[position] as RecordType['fields'][number]
        return { position, make: () => defaultValue(type, json, this.#form) }
      }),
    )
    return reader
  }

  /** What the reader's schema does not have is no matter of how values look. */
  #skipped(value: Resolution): ValueReader {
    this.#skipping ??= new ValueReaders(EXACT_FORM)
    return this.#skipping.of(value)
  }

  #writerUnion({ branches }: WriterUnionResolution): ValueReader {
    return new WriterUnionReader(branches.map(branch => this.of(branch)))
  }
}

function itemsSizeMin(writer: AvroType): number {
  if (writer.kind === 'array') return sizeMin(writer.items)
  return writer.kind === 'map' ? 1 + sizeMin(writer.values) : 1
}

class EnumReader implements ValueReader {
  readonly #symbols: readonly string[]
  readonly #indices: Int32Array
  readonly #written: readonly string[]

  constructor(symbols: readonly string[], indices: Int32Array, written: readonly string[]) {
    this.#symbols = symbols
    this.#indices = indices
    this.#written = written
  }

  read(cursor: Cursor): string {
    return this.#symbols[this.#index(cursor)] as string
  }

  skip(cursor: Cursor): void {
    this.#index(cursor)
  }

  #index(cursor: Cursor): number {
    const written = cursor.int()
    const index = this.#indices[written]
    if (index !== undefined && index >= 0) return index
    const symbols = this.#symbols.slice(0, 8).join(', ')
    const got = this.#written[written] ?? `index ${written} of ${this.#written.length} symbols`
    throw new ValueFault(`one of the symbols ${symbols}, or a default in the reader's enum`, got)
  }
}

interface ReadStep {
  readonly name: string
  readonly position: number
  readonly reader: ValueReader
}

class RecordReader implements ValueReader {
  readonly #names: readonly string[]
  #steps: readonly ReadStep[] = []
  #defaults: readonly { readonly position: number; readonly make: () => unknown }[] = []

  constructor(type: RecordType) {
    this.#names = type.fields.map(field => field.name)
  }

  fill(
    steps: readonly ReadStep[],
    defaults: readonly { readonly position: number; readonly make: () => unknown }[],
  ): void {
    this.#steps = steps
    this.#defaults = defaults
  }

  read(cursor: Cursor): unknown {
    cursor.enter()
    const values: unknown[] = new Array(this.#names.length)
    for (const { position, make } of this.#defaults) values[position] = make()
    for (const step of this.#steps) {
      try {
        if (step.position < 0) step.reader.skip(cursor)
        else values[step.position] = step.reader.read(cursor)
      } catch (error) {
        throw error instanceof ValueFault ? error.within(step.name) : error
      }
    }
    const record: Record<string, unknown> = {}
    for (let i = 0; i < values.length; i++) setOwn(record, this.#names[i] as string, values[i])
    cursor.leave()
    return record
  }

  skip(cursor: Cursor): void {
    cursor.enter()
    for (const step of this.#steps) {
      try {
        step.reader.skip(cursor)
      } catch (error) {
        throw error instanceof ValueFault ? error.within(step.name) : error
      }
    }
    cursor.leave()
  }
}

class ArrayReader implements ValueReader {
  readonly #items: ValueReader
  readonly #sizeMin: number

  constructor(items: ValueReader, size: number) {
    this.#items = items
    this.#sizeMin = size
  }

  read(cursor: Cursor): unknown[] {
    const items: unknown[] = []
    this.#each(cursor, () => {
      items.push(this.#items.read(cursor))
    })
    return items
  }

  skip(cursor: Cursor): void {
    this.#each(cursor, () => this.#items.skip(cursor))
  }

  #each(cursor: Cursor, visit: () => void): void {
    cursor.enter()
    let index = 0
    try {
      for (;;) {
        const count = cursor.blockCount(this.#sizeMin)
        if (count === 0) break
        for (const end = index + count; index < end; index++) visit()
      }
    } catch (error) {
      throw error instanceof ValueFault ? error.within(`[${index}]`) : error
    }
    cursor.leave()
  }
}

class MapReader implements ValueReader {
  readonly #values: ValueReader
  readonly #sizeMin: number

  constructor(values: ValueReader, size: number) {
    this.#values = values
    this.#sizeMin = size
  }

  read(cursor: Cursor): unknown {
    const map: Record<string, unknown> = {}
    this.#each(cursor, (start, end) => {
      setOwn(map, cursor.data.toString('utf8', start, end), this.#values.read(cursor))
    })
    return map
  }

  skip(cursor: Cursor): void {
    this.#each(cursor, () => this.#values.skip(cursor))
  }

  #each(cursor: Cursor, visit: (keyStart: number, keyEnd: number) => void): void {
    cursor.enter()
    for (;;) {
      const count = cursor.blockCount(this.#sizeMin)
      if (count === 0) break
      for (let i = 0; i < count; i++) {
        const size = cursor.size('a key')
        const start = cursor.skip(size, 'a key')
        cursor.checkUtf8(start, start + size)
        try {
          visit(start, start + size)
        } catch (error) {
          if (!(error instanceof ValueFault)) throw error
          throw error.within(
            `["${cursor.data.toString('utf8', start, start + Math.min(size, 40))}"]`,
          )
        }
      }
    }
    cursor.leave()
  }
}

class WriterUnionReader implements ValueReader {
  readonly #branches: readonly ValueReader[]

  constructor(branches: readonly ValueReader[]) {
    this.#branches = branches
  }

  read(cursor: Cursor): unknown {
    return this.#branch(cursor).read(cursor)
  }

  skip(cursor: Cursor): void {
    this.#branch(cursor).skip(cursor)
  }

  #branch(cursor: Cursor): ValueReader {
    const index = cursor.int()
    const branch = this.#branches[index]
    if (branch !== undefined) return branch
    throw new ValueFault(`a branch of a union of ${this.#branches.length}`, `branch ${index}`)
  }
}

class WrappedReader implements ValueReader {
  readonly #inner: ValueReader
  readonly #name: string

  constructor(inner: ValueReader, name: string) {
    this.#inner = inner
    this.#name = name
  }

  read(cursor: Cursor): unknown {
    return { [this.#name]: this.#inner.read(cursor) }
  }

  skip(cursor: Cursor): void {
    this.#inner.skip(cursor)
  }
}

class ErrorReader implements ValueReader {
  readonly #error: ErrorResolution

  constructor(error: ErrorResolution) {
    this.#error = error
  }

  read(): never {
    throw new ValueFault(this.#error.expected, this.#error.got)
  }

  skip(): never {
    return this.read()
  }
}
