/** What the oracles are asked: schemas from seeds, values of them, and the records we write. */
import type { AvroSchema } from '../../src/avro-schema/avro-schema.ts'
import { parseSchema } from '../../src/avro-schema/parse-schema.ts'
import { ValueBuffer } from '../../src/codec/value-buffer.ts'
import { EXACT_FORM } from '../../src/codec/value-form.ts'
import { ValueWriters } from '../../src/codec/value-writer.ts'
import { SchemaChanger } from '../changed-schema.ts'
import { Coverage } from '../coverage.ts'
import { SchemaMaker } from '../generated-schema.ts'
import { generatedValue } from '../generated-value.ts'
import { Random } from '../random.ts'

const SCHEMAS = 2_000
const VALUES = 3
const CHANGE_RATE = 0.2

export interface GeneratedCase {
  readonly seed: number
  readonly json: { readonly w: unknown; readonly r: unknown }
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly values: readonly unknown[]
  readonly records: readonly Buffer[]
  /** The types and rules that are in it. */
  readonly parts: readonly string[]
}

export function generatedCases(hasLogical: boolean): GeneratedCase[] {
  const made: GeneratedCase[] = []
  for (let seed = 1; made.length < SCHEMAS; seed++) {
    const random = new Random(seed)
    const coverage = new Coverage()
    const w = new SchemaMaker(random, { hasLogical, coverage }).record()
    const writer = parseSchema(w)
    const values = Array.from({ length: VALUES }, () => generatedValue(writer.type, random))
    const write = new ValueWriters(EXACT_FORM).top(writer.type)
    const records = values.map(value => {
      const out = new ValueBuffer()
      write(value, out)
      return Buffer.from(out.view())
    })
    const r = new SchemaChanger(random, coverage, CHANGE_RATE).change(w)
    try {
      const reader = parseSchema(r)
      const parts = [...coverage.counts.keys()]
      made.push({ seed, json: { w, r }, writer, reader, values, records, parts })
    } catch {
      // The change left a name without its type.
    }
  }
  return made
}
