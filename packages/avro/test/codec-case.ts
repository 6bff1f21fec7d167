/**
 * What the codec is tried on: schemas, changes of them, records and spoilt records, from seeds; and
 * the generated scan against the clear decoder on all of it.
 */

import { isDeepStrictEqual } from 'node:util'
import type { ByteRanges, Decoded, Schema } from '@millrace/core'
import type { AvroSchema } from '../src/avro-schema/avro-schema.ts'
import { PRIMITIVES } from '../src/avro-schema/avro-type.ts'
import { parseSchema } from '../src/avro-schema/parse-schema.ts'
import { ColumnDecoder, type ColumnDecoderOptions, schemaOf } from '../src/codec/column-decoder.ts'
import { compiledScan } from '../src/codec/compiled-scan.ts'
import { ValueBuffer } from '../src/codec/value-buffer.ts'
import { EXACT_FORM, type ValueForm } from '../src/codec/value-form.ts'
import { ValueWriters } from '../src/codec/value-writer.ts'
import { SchemaChanger } from './changed-schema.ts'
import { Coverage } from './coverage.ts'
import { LOGICAL_TYPES, SchemaMaker } from './generated-schema.ts'
import { generatedValue } from './generated-value.ts'
import { Random } from './random.ts'

export interface CodecCase {
  /** The writer's schema. */
  readonly json: unknown
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly values: readonly unknown[]
  readonly records: readonly Buffer[]
  readonly random: Random
}

const VALUES = 5
/** Spoilt records beside them. */
const SPOILT = 25

/** Null where the change of the schema left a name without its type. */
export function codecCase(seed: number, isFlat = false): CodecCase | null {
  const random = new Random(seed)
  const coverage = new Coverage()
  const maker = new SchemaMaker(random, { hasLogical: true, coverage })
  const json = isFlat ? flatRecord(maker, random) : nestedSchema(maker, random)
  const writer = parseSchema(json)
  const values = Array.from({ length: VALUES }, () => generatedValue(writer.type, random))
  const records = encodedClearly(writer, values)
  try {
    const reader = parseSchema(new SchemaChanger(random, coverage).change(json))
    return { json, writer, reader, values, records, random }
  } catch {
    return null
  }
}

function nestedSchema(maker: SchemaMaker, random: Random): unknown {
  return random.chance(0.9) ? maker.record() : maker.type(2)
}

/** A record of values without a structure, and unions of them. */
function flatRecord(maker: SchemaMaker, random: Random): unknown {
  const field = (): unknown => {
    const type = maker.type(0)
    if (type === 'null' || random.chance(0.6)) return type
    return random.shuffled(['null', type])
  }
  const fields = Array.from({ length: random.below(7) }, (_, i) => ({
    name: `f${i}`,
    type: field(),
  }))
  return { type: 'record', name: 'R', fields }
}

function encodedClearly(schema: AvroSchema, values: readonly unknown[]): Buffer[] {
  const write = new ValueWriters(EXACT_FORM).top(schema.type)
  return values.map(value => {
    const out = new ValueBuffer()
    write(value, out)
    return Buffer.from(out.view())
  })
}

/** Zig-zag: 2^31 - 1, 2^31, 2^53, 2^63 - 1, -1, -2^31, -2^63, one bit too many, and no end. */
export const NUMBERS: readonly Buffer[] = [
  ...['feffffff0f', '8080808010', '80808080808080 20', 'feffffffffffffffff01', '01', 'ffffffff0f'],
  ...['ffffffffffffffffff01', 'ffffffffffffffffff03', 'ffffffffffffffffffff'],
].map(hex => Buffer.from(hex.replace(' ', ''), 'hex'))

/** The record cut short, with a byte more, with another number in it, or with other bytes. */
export function mutated(record: Buffer, random: Random): Buffer {
  const copy = Buffer.from(record)
  const at = random.below(copy.length + 1)
  switch (random.below(5)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      return Buffer.concat([copy, Buffer.from([random.below(256)])])
    case 2:
      return Buffer.concat([copy.subarray(0, at), random.pick(NUMBERS), behindNumber(copy, at)])
    default:
      for (let i = 0; i <= random.below(3) && copy.length > 0; i++) {
        copy[random.below(copy.length)] = random.chance(0.3) ? 0xff : random.below(256)
      }
      return copy
  }
}

/** What follows a number at `at`, if there is one. */
function behindNumber(bytes: Buffer, at: number): Buffer {
  let last = at
  while ((bytes[last] ?? 0) >= 0x80) last++
  return bytes.subarray(last + 1)
}

/** Records among other bytes; null is a null record. */
function rangesOf(records: readonly (Buffer | null)[]): ByteRanges {
  const start: number[] = []
  let at = 3
  for (const record of records) {
    start.push(at)
    at += (record?.length ?? 0) + 1
  }
  const parts = records.flatMap(record => [record ?? Buffer.alloc(0), Buffer.from([0x80])])
  return {
    count: records.length,
    data: Buffer.concat([Buffer.alloc(3, 0xff), ...parts]),
    start: Int32Array.from(start),
    size: Int32Array.from(records, record => record?.length ?? -1),
  }
}

export function decodedBy(
  options: ColumnDecoderOptions,
  writer: AvroSchema,
  records: readonly (Buffer | null)[],
): Decoded {
  const decoding = new ColumnDecoder(options).begin(rangesOf(records))
  decoding.scan(writer, 0, records.length, 0)
  return decoding.end()
}

/** All cells, with the sign of zero and NaN told apart from others. */
export function cellsOf({ columns, rest, failures, schema }: Decoded, count: number) {
  const indices = Array.from({ length: count }, (_, i) => i)
  return {
    schema: `${schema}`,
    failures,
    columns: columns.map(column => indices.map(i => column.get(i))),
    nulls: columns.map(column => indices.map(i => column.isNull(i))),
    rest: rest === null ? null : indices.map(i => rest.get(i)),
  }
}

const FORMS: readonly ValueForm[] = [
  EXACT_FORM,
  { long: 'number', time: 'milliseconds' },
  { long: 'bigint', time: 'milliseconds' },
]

type Compile = ColumnDecoderOptions['compile']

/** The clear decoder reads everything. */
const CLEAR: Pick<ColumnDecoderOptions, 'compile' | 'flat'> = {
  compile: () => null,
  flat: () => null,
}

/** Records to decode in one way, and what the clear decoder makes of them. */
export interface ScanTrial {
  readonly seed: number
  readonly options: ColumnDecoderOptions
  readonly writer: AvroSchema
  readonly records: readonly (Buffer | null)[]
  readonly want: ReturnType<typeof cellsOf>
}

/** Trials of generated cases, behind those of every flat type with every awkward number. */
export function* scanTrials(from: number, to: number, isFlat = false): Generator<ScanTrial> {
  for (const type of [...PRIMITIVES, ...LOGICAL_TYPES]) {
    const writer = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'f', type }] })
    for (const form of FORMS)
      yield scanTrial(0, { reader: writer, form, read: 'all' }, writer, NUMBERS)
  }
  for (let seed = from; seed < to; seed++) {
    const made = codecCase(seed, isFlat)
    if (made === null) continue
    const { writer, reader, random } = made
    const spoilt = Array.from({ length: SPOILT }, () => mutated(random.pick(made.records), random))
    const records = random.shuffled([...made.records, ...spoilt, null])
    const form = random.pick(FORMS)
    for (const schema of [writer, reader, null]) {
      const names = namesRead(schemaOf(schema ?? writer, form), random)
      // Of an open value anything may be asked for.
      if (schema === null) names.push('not there')
      for (const read of ['all', names] as const) {
        yield scanTrial(seed, { reader: schema, form, read }, writer, records)
      }
    }
  }
}

export function scanTrial(
  seed: number,
  options: ColumnDecoderOptions,
  writer: AvroSchema,
  records: ScanTrial['records'],
): ScanTrial {
  const clear = decodedBy({ ...options, ...CLEAR }, writer, records)
  return { seed, options, writer, records, want: cellsOf(clear, records.length) }
}

/**
 * What a scan makes of a trial where it is not what the clear decoder makes of it, or where it
 * leaves a record to it that is valid; else null.
 */
export function differenceIn(
  { options, writer, records, want }: ScanTrial,
  compile: NonNullable<Compile> = compiledScan,
  flat: NonNullable<ColumnDecoderOptions['flat']> = () => null,
): object | null {
  const left: number[] = []
  const noting: Compile = plan => {
    const scan = compile(plan)
    if (scan === null) return null
    return (...given) => {
      const index = scan(...given)
      if (index < given[5]) left.push(index)
      return index
    }
  }
  const all = { ...options, compile: noting, flat }
  const got = told(() => cellsOf(decodedBy(all, writer, records), records.length))
  const isLeft = left.some(index => !want.failures.some(failure => failure.index === index))
  return isDeepStrictEqual(got, want) && !isLeft ? null : { got, want, left }
}

/** What is thrown is a difference too. */
function told<T>(make: () => T): T | string {
  try {
    return make()
  } catch (error) {
    return String(error)
  }
}

function namesRead(schema: Schema, random: Random): string[] {
  return random.shuffled(schema.names).slice(0, random.below(schema.names.length + 1))
}
