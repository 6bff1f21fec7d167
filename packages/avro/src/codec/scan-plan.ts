/**
 * What a scan of one writer's records does: per field of the writer which column it becomes, and
 * which columns are filled in.
 *
 * Records become a column per field of the reader's schema; any other type becomes one column,
 * `value`. Without a reader's schema the writer's own is read: columns are asked for by name and
 * hold any value, and the whole value of a record is kept beside them.
 */
import type { DataType, Field } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { AvroType, RecordType } from '../avro-schema/avro-type.ts'
import { defaultValue } from './default-cell.ts'
import { type RecordResolution, type Resolution, resolve } from './resolution.ts'
import { columnType, EXACT_FORM, nullableOf, type ValueForm } from './value-form.ts'
import { type ValueReader, ValueReaders } from './value-reader.ts'

export interface ScanStep {
  /** The writer's field, for the path of a failure; empty where the record is no record. */
  readonly name: string
  readonly resolution: Resolution
  /** Position among the columns read; -1 = it is checked and not kept. */
  readonly column: number
  readonly form: ValueForm
  readonly reader: ValueReader
}

export interface ScanPlan {
  readonly steps: readonly ScanStep[]
  /** The columns read. */
  readonly types: readonly DataType[]
  readonly defaults: readonly { readonly column: number; readonly make: () => unknown }[]
  /** Columns that this writer does not have; open schemas only. */
  readonly missing: readonly number[]
  /** The whole value, where it is kept. */
  readonly whole: ValueReader | null
}

/** The one column of records that are no records. */
export const VALUE_COLUMN = 'value'

/** The columns of a reader's schema. */
export function columnsOf(reader: AvroSchema, form: ValueForm, isOne: boolean): Field[] {
  const { type } = reader
  if (isOne || type.kind !== 'record') return [{ name: VALUE_COLUMN, type: columnType(type, form) }]
  return type.fields.map(field => ({ name: field.name, type: columnType(field.type, form) }))
}

/** The symbols of the enum that a column of a reader's schema holds. */
export function symbolsOf(reader: AvroSchema | null, name: string): readonly string[] {
  if (reader === null) return []
  const { type } = reader
  let of: AvroType | undefined = type
  if (type.kind === 'record') of = type.fields.find(field => field.name === name)?.type
  if (of?.kind === 'union') of = nullableOf(of) ?? of
  return of?.kind === 'enum' ? of.symbols : []
}

export interface ScanWish {
  /** Null: the writer's own schema is read, whatever it is. */
  readonly reader: AvroSchema | null
  readonly read: readonly Field[]
  readonly keepsWhole: boolean
  /** A record is one cell too, as keys are. */
  readonly isOne: boolean
  readonly form: ValueForm
}

export function scanPlan(writer: AvroSchema, wish: ScanWish): ScanPlan {
  const { reader, read, keepsWhole, isOne, form } = wish
  const readers = new ValueReaders(form)
  const resolution = resolve(writer, reader ?? writer)
  const columnAt = (name: string): number => read.findIndex(field => field.name === name)
  const types = read.map(field => field.type)
  const isRecord = resolution.kind === 'record' && !isOne
  const whole = keepsWhole ? wholeReader(readers.of(resolution), isRecord) : null
  if (!isRecord) {
    const step = { name: '', resolution, column: columnAt(VALUE_COLUMN), form }
    const steps = [{ ...step, reader: readers.of(resolution) }]
    return { steps, types, defaults: [], missing: missingOf(reader, read, [VALUE_COLUMN]), whole }
  }
  const { fields } = resolution.reader
  const defaults = resolution.defaults.flatMap(position => {
    const { name, type, default: json } = fields[position] as RecordType['fields'][number]
    const column = columnAt(name)
    return column < 0 ? [] : [{ column, make: () => defaultValue(type, json, form) }]
  })
  const names = fields.map(field => field.name)
  const steps = stepsOf(resolution, readers, form, columnAt)
  return { steps, types, defaults, missing: missingOf(reader, read, names), whole }
}

function stepsOf(
  { steps, reader }: RecordResolution,
  readers: ValueReaders,
  form: ValueForm,
  columnAt: (name: string) => number,
): ScanStep[] {
  const skipping = new ValueReaders(EXACT_FORM)
  return steps.map(({ field, position, value }) => {
    const { name } = field
    if (position < 0) {
      return { name, resolution: value, column: -1, form: EXACT_FORM, reader: skipping.of(value) }
    }
    const column = columnAt((reader.fields[position] as { name: string }).name)
    return { name, resolution: value, column, form, reader: readers.of(value) }
  })
}

function missingOf(
  reader: AvroSchema | null,
  read: readonly Field[],
  names: readonly string[],
): number[] {
  if (reader !== null) return []
  return read.flatMap(({ name }, column) => (names.includes(name) ? [] : [column]))
}

/** The whole value of an open record is an object, whatever was written. */
function wholeReader(reader: ValueReader, isRecord: boolean): ValueReader {
  if (isRecord) return reader
  return {
    read: cursor => ({ [VALUE_COLUMN]: reader.read(cursor) }),
    skip: cursor => reader.skip(cursor),
  }
}
