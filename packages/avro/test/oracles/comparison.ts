/**
 * Compares what we make of generated cases with what an oracle makes of them: they read what we
 * wrote, we read what they write, both read it as another schema says. A difference is one that is
 * known, or a failure.
 */
import type { AvroSchema } from '../../src/avro-schema/avro-schema.ts'
import type { AvroType } from '../../src/avro-schema/avro-type.ts'
import { Cursor } from '../../src/codec/cursor.ts'
import { resolve } from '../../src/codec/resolution.ts'
import { ValueFault } from '../../src/codec/value-fault.ts'
import { EXACT_FORM, nullableOf } from '../../src/codec/value-form.ts'
import { ValueReaders } from '../../src/codec/value-reader.ts'
import type { GeneratedCase } from './generated-case.ts'
import type { Judge } from './known-differences.ts'
import type { Oracle, OracleAnswer, Outcome } from './oracle.ts'
import { told } from './told.ts'

export interface Comparison {
  readonly unequal: readonly string[]
  readonly counts: {
    /** Values read and written. */
    values: number
    /** Values read as another schema says, and those that cannot be. */
    resolved: number
    refused: number
    /** Differences that are known. */
    known: number
  }
  /** Per type and rule the cases in which nothing is different. */
  readonly equalParts: ReadonlyMap<string, number>
}

export async function compare(
  oracle: Oracle,
  cases: readonly GeneratedCase[],
  judge: Judge,
): Promise<Comparison> {
  const answers = await oracle(
    cases.map(({ json, records }) => ({ ...json, h: records.map(each => each.toString('hex')) })),
  )
  const comparing = new Comparing(judge)
  for (const [i, made] of cases.entries()) comparing.one(made, answers[i] as OracleAnswer)
  return comparing
}

class Comparing implements Comparison {
  readonly unequal: string[] = []
  readonly counts = { values: 0, resolved: 0, refused: 0, known: 0 }
  readonly equalParts = new Map<string, number>()
  readonly #judge: Judge

  constructor(judge: Judge) {
    this.#judge = judge
  }

  one(made: GeneratedCase, answer: OracleAnswer): void {
    const { writer, reader, values, records, parts } = made
    const differences = this.unequal.length + this.counts.known
    for (const [j, record] of records.entries()) {
      this.counts.values++
      const value: Outcome = { v: told(writer.type, values[j]) }
      this.#judgeOne(made, 'read', answer.w[j] as Outcome, value)
      if (this.#judge.takesFirstBranch !== true || !hasUnion(writer.type)) {
        const again = answer.b[j] as Outcome
        const read =
          'v' in again ? outcome(writer, writer, Buffer.from(again.v as string, 'hex')) : again
        this.#judgeOne(made, 'written', read, value)
      }
      const ours = outcome(writer, reader, record)
      this.counts['v' in ours ? 'resolved' : 'refused']++
      this.#judgeOne(made, 'resolved', answer.r[j] as Outcome, ours)
    }
    if (this.unequal.length + this.counts.known > differences) return
    for (const part of parts) this.equalParts.set(part, (this.equalParts.get(part) ?? 0) + 1)
  }

  #judgeOne(
    { seed, json, parts }: GeneratedCase,
    what: string,
    theirs: Outcome,
    ours: Outcome,
  ): void {
    if ('e' in theirs && 'e' in ours) return
    const texts = [JSON.stringify(theirs), JSON.stringify(ours)]
    if (texts[0] === texts[1]) return
    if (this.#judge.isKnown(theirs, ours, parts)) this.counts.known++
    else this.unequal.push(`seed ${seed} ${what}: ${texts.join(' / ')} ${JSON.stringify(json)}`)
  }
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
