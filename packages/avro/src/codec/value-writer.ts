/**
 * JavaScript values as Avro, checked while they are written: the clear version of all encoding.
 *
 * Values look as `value-form.ts` says. What cannot be written exactly is refused, with the path of
 * fields and items that leads to it; a float is the nearest one.
 */
import { describeValue } from '@millrace/core'
import {
  type AvroType,
  type EnumType,
  type FixedType,
  nameOf,
  type PrimitiveType,
  type RecordType,
  type UnionType,
} from '../avro-schema/avro-type.ts'
import { DATA_DEPTH_MAX } from './cursor.ts'
import { defaultValue } from './default-cell.ts'
import { writerOfScalar } from './scalar-writer.ts'
import type { ValueBuffer } from './value-buffer.ts'
import { ValueFault } from './value-fault.ts'
import { branchOf, isWrapped, type ValueForm } from './value-form.ts'

export type WriteValue = (value: unknown, out: ValueBuffer) => void

/** Makes writers; those of records are shared, as types may hold themselves. */
export class ValueWriters {
  readonly #form: ValueForm
  readonly #records = new Map<RecordType, WriteValue>()
  #depth = 0

  constructor(form: ValueForm) {
    this.#form = form
  }

  of(type: AvroType): WriteValue {
    switch (type.kind) {
      case 'record':
        return this.#record(type)
      case 'enum':
        return enumWriter(type)
      case 'array':
        return this.#array(this.of(type.items))
      case 'map':
        return this.#map(this.of(type.values))
      case 'union':
        return this.#union(type)
      default:
        return writerOfScalar(type as PrimitiveType | FixedType, this.#form)
    }
  }

  /** A writer that begins at the top: what failed before has left no depth behind. */
  top(type: AvroType): WriteValue {
    const write = this.of(type)
    return (value, out) => {
      this.#depth = 0
      write(value, out)
    }
  }

  #record(type: RecordType): WriteValue {
    const known = this.#records.get(type)
    if (known !== undefined) return known
    const fields: { name: string; write: WriteValue; make: (() => unknown) | null }[] = []
    const record: WriteValue = (value, out) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new ValueFault(`a record ${type.name} as an object`, describeValue(value))
      }
      this.#enter()
      for (const { name, write, make } of fields) {
        let inner = Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined
        if (inner === undefined && make !== null) inner = make()
        writeWithin(name, write, inner, out)
      }
      this.#depth--
    }
    this.#records.set(type, record)
    for (const { name, type: of, default: json } of type.fields) {
      const make = json === undefined ? null : () => defaultValue(of, json, this.#form)
      fields.push({ name, write: this.of(of), make })
    }
    return record
  }

  #array(write: WriteValue): WriteValue {
    return (value, out) => {
      if (!Array.isArray(value)) throw new ValueFault('an array', describeValue(value))
      this.#enter()
      if (value.length > 0) out.int(value.length)
      for (const [i, item] of value.entries()) writeWithin(`[${i}]`, write, item, out)
      out.byte(0)
      this.#depth--
    }
  }

  #map(write: WriteValue): WriteValue {
    return (value, out) => {
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (!isMap || value instanceof Uint8Array) {
        throw new ValueFault('a map as an object', describeValue(value))
      }
      this.#enter()
      const entries = Object.entries(value)
      if (entries.length > 0) out.int(entries.length)
      for (const [key, item] of entries) {
        out.text(key)
        writeWithin(`[${JSON.stringify(key)}]`, write, item, out)
      }
      out.byte(0)
      this.#depth--
    }
  }

  #union(type: UnionType): WriteValue {
    const writers = type.branches.map(branch => this.of(branch))
    const names = type.branches.map(nameOf)
    const form = this.#form
    return (value, out) => {
      const branch = branchOf(type, value, form)
      if (branch === null) {
        const shape = isWrapped(type, form) ? ', as an object of one name and its value' : ''
        const got = describeValue(value)
        throw new ValueFault(`one of ${names.slice(0, 8).join(', ')}${shape}`, got)
      }
      out.int(branch.index)
      ;(writers[branch.index] as WriteValue)(branch.value, out)
    }
  }

  #enter(): void {
    if (++this.#depth > DATA_DEPTH_MAX) {
      throw new ValueFault(`values at most ${DATA_DEPTH_MAX} deep`, 'deeper ones')
    }
  }
}

function writeWithin(step: string, write: WriteValue, value: unknown, out: ValueBuffer): void {
  try {
    write(value, out)
  } catch (error) {
    throw error instanceof ValueFault ? error.within(step) : error
  }
}

function enumWriter({ symbols, name }: EnumType): WriteValue {
  const indices = new Map(symbols.map((symbol, i) => [symbol, i]))
  return (value, out) => {
    const index = indices.get(value as string)
    if (index === undefined) {
      const some = symbols.slice(0, 8).join(', ')
      throw new ValueFault(`a symbol of ${name} (${some})`, describeValue(value))
    }
    out.int(index)
  }
}
