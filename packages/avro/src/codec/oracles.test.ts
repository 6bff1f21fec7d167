/** Generated schemas and values against fastavro, Java's Avro and avsc, both ways. */
import { beforeAll, expect, test } from 'vitest'
import { Coverage, SchemaChanger, SchemaMaker } from '../../test/generated-schema.ts'
import { generatedValue } from '../../test/generated-value.ts'
import { type Oracle, type OracleCase, type Outcome, oracle } from '../../test/oracles/oracle.ts'
import { told } from '../../test/oracles/told.ts'
import { Random } from '../../test/random.ts'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { AvroType } from '../avro-schema/avro-type.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { Cursor } from './cursor.ts'
import { resolve } from './resolution.ts'
import { ValueBuffer } from './value-buffer.ts'
import { ValueFault } from './value-fault.ts'
import { EXACT_FORM, nullableOf } from './value-form.ts'
import { ValueReaders } from './value-reader.ts'
import { ValueWriters } from './value-writer.ts'

const SCHEMAS = 2_000
const VALUES = 3

interface Case {
  readonly seed: number
  readonly json: { readonly w: unknown; readonly r: unknown }
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly values: readonly unknown[]
  readonly records: readonly Buffer[]
}

function cases(hasLogical: boolean, coverage: Coverage): Case[] {
  const made: Case[] = []
  for (let seed = 1; made.length < SCHEMAS; seed++) {
    const random = new Random(seed)
    const w = new SchemaMaker(random, { hasLogical, coverage }).record()
    const writer = parseSchema(w)
    const values = Array.from({ length: VALUES }, () => generatedValue(writer.type, random))
    const write = new ValueWriters(EXACT_FORM).top(writer.type)
    const records = values.map(value => {
      const out = new ValueBuffer()
      write(value, out)
      return Buffer.from(out.view())
    })
    const r = hasLogical ? w : new SchemaChanger(random, coverage, 0.2).change(w)
    try {
      made.push({ seed, json: { w, r }, writer, reader: parseSchema(r), values, records })
    } catch {
      // The change left a name without its type.
    }
  }
  return made
}

function oracleCases(made: readonly Case[]): OracleCase[] {
  return made.map(({ json, records }) => ({
    ...json,
    h: records.map(each => each.toString('hex')),
  }))
}

/** What we read, or that we refuse. */
function outcome(writer: AvroSchema, reader: AvroSchema, record: Buffer): Outcome {
  const cursor = new Cursor()
  cursor.open(record, 0, record.length)
  try {
    const value = new ValueReaders(EXACT_FORM).of(resolve(writer, reader)).read(cursor)
    return cursor.at === record.length ? { v: told(reader.type, value) } : { e: 'bytes are left' }
  } catch (error) {
    if (error instanceof ValueFault) return { e: `${error.expected}; ${error.got}` }
    throw error
  }
}

/** Whether a union of several types is anywhere in a type. */
function hasUnion(type: AvroType, seen: Set<AvroType> = new Set()): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  if (type.kind === 'record') return type.fields.some(field => hasUnion(field.type, seen))
  if (type.kind === 'array') return hasUnion(type.items, seen)
  if (type.kind === 'map') return hasUnion(type.values, seen)
  return (
    type.kind === 'union' &&
    (nullableOf(type) === null || type.branches.some(b => hasUnion(b, seen)))
  )
}

/** Whether a difference is one of those that are named. */
type Known = (theirs: Outcome, ours: Outcome) => boolean

/**
 * Java repairs bytes that are no UTF-8 where they are promoted to text, and takes an array or map
 * whose items do not match as long as it is empty; we refuse both.
 */
const javaDiffers: Known = (theirs, ours) => {
  return 'v' in theirs && 'e' in ours && /UTF-8|(array|map) of/.test(ours.e)
}

/**
 * fastavro promotes a whole number to a float without rounding it to one, and bytes to text not
 * everywhere; it leaves the default of bytes as text, and UUIDs of fixed as bytes; among branches
 * of a union it prefers text to bytes.
 */
const fastavroDiffers: Known = (theirs, ours) => {
  if ('e' in theirs) return theirs.e.startsWith('UnicodeDecodeError')
  return JSON.stringify(loose(theirs)) === JSON.stringify(loose(ours))
}

function loose(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(loose)
  const { d, i, s, b } = value as Readonly<Record<string, string | undefined>>
  if (i !== undefined) return Number(i).toPrecision(5)
  if (d !== undefined)
    return Buffer.from(d === 'nan' ? NAN : d, 'hex')
      .readDoubleBE(0)
      .toPrecision(5)
  if (s !== undefined) return UUID.test(s) ? s.replaceAll('-', '') : bytesOf(s).toString('hex')
  if (b !== undefined) return b
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loose(inner)]))
}

const NAN = '7ff8000000000000'
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** The one default of bytes that is made here is no ASCII. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, text === '\u00ff\u0001' ? 'latin1' : 'utf8')
}

interface Comparison {
  readonly unequal: string[]
  values: number
  resolved: number
  refused: number
}

async function compare(
  name: 'java' | 'fastavro',
  oracle: Oracle,
  made: readonly Case[],
  known: Known,
): Promise<Comparison> {
  const answers = await oracle(oracleCases(made))
  const result: Comparison = { unequal: [], values: 0, resolved: 0, refused: 0 }
  for (const [i, { seed, writer, reader, values, records, json }] of made.entries()) {
    const answer = answers[i] as (typeof answers)[number]
    for (const [j, record] of records.entries()) {
      const value: Outcome = { v: told(writer.type, values[j]) }
      const isSame = (theirs: Outcome, ours: Outcome) =>
        JSON.stringify(theirs) === JSON.stringify(ours) || known(theirs, ours)
      const say = (what: string, theirs: unknown, ours: unknown) => {
        const schemas = what === 'resolved' ? ` ${JSON.stringify(json)}` : ''
        result.unequal.push(
          `seed ${seed} ${what}: ${JSON.stringify(theirs)} / ${JSON.stringify(ours)}${schemas}`,
        )
      }
      // They read what we wrote; we read what they write.
      result.values++
      const w = answer.w[j] as Outcome
      if (!isSame(w, value)) say('read', w, value)
      const again = answer.b[j] as Outcome
      const read =
        'v' in again ? outcome(writer, writer, Buffer.from(again.v as string, 'hex')) : again
      // Of a value in a union fastavro takes the first branch that the value fits.
      const isChosen = name === 'fastavro' && hasUnion(writer.type)
      if (!isChosen && !isSame(value, read)) say('written', read, value)
      const ours = outcome(writer, reader, record)
      const theirs = answer.r[j] as Outcome
      if ('v' in ours) result.resolved++
      else result.refused++
      const isRefused = 'e' in ours && 'e' in theirs
      if (!isRefused && !isSame(theirs, ours)) say('resolved', theirs, ours)
    }
  }
  return result
}

const oracles: { fastavro: Oracle | null; java: Oracle | null } = { fastavro: null, java: null }
const coverage = new Coverage()
let plain: Case[] = []
let logical: Case[] = []

beforeAll(async () => {
  oracles.fastavro = await oracle('fastavro')
  oracles.java = await oracle('java')
  plain = cases(false, coverage)
  logical = cases(true, coverage)
  console.log(coverage.table())
}, 600_000)

for (const name of ['java', 'fastavro'] as const) {
  test(`${name}: the same values and resolutions`, async ({ skip }) => {
    const with_ = oracles[name]
    if (with_ === null) return skip(`${name} is missing`)
    const { unequal, ...counts } = await compare(
      name,
      with_,
      plain,
      name === 'java' ? javaDiffers : fastavroDiffers,
    )
    console.log(`${name}: ${JSON.stringify(counts)}, ${unequal.length} unequal`)
    expect(unequal.slice(0, 5)).toEqual([])
  }, 300_000)
}

test('fastavro: the same logical values', async ({ skip }) => {
  if (oracles.fastavro === null) return skip('fastavro is missing')
  const { unequal, ...counts } = await compare(
    'fastavro',
    oracles.fastavro,
    logical,
    fastavroDiffers,
  )
  console.log(`fastavro, logical: ${JSON.stringify(counts)}, ${unequal.length} unequal`)
  expect(unequal.slice(0, 5)).toEqual([])
}, 300_000)
