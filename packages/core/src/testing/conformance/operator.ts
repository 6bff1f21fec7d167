/**
 * The exam of operators: what holds for every machine of `operator/`, whatever it does.
 *
 * The exam plays the task: it opens the machine, hands it batches, lets event time follow after
 * each (disorder 0), takes time to its end and ends the epoch. The outcome is all that leaves the
 * machine, by emitting, as late, or as records to produce. Each question gives the same records in
 * another way and compares outcomes.
 *
 * @example
 * testOperator({ describe, test, expect }, {
 *   create: onError => new TapOperator('tap#1', () => {}, onError),
 *   input: batchOfRows(Sale, [{ n: 1 }, null, { n: 2 }]),
 *   tombstones: 'pass',
 * })
 */

import { Batch, gatherRecords, type RecordColumns } from '../../batch/batch.ts'
import { JsonColumn } from '../../batch/column.ts'
import { columnOf } from '../../batch/column-builder.ts'
import { rowsOf } from '../../batch/row.ts'
import { MillraceError } from '../../errors.ts'
import type { Operator, OperatorContext } from '../../operator/operator.ts'
import { type ErrorPolicy, fail, skip } from '../../record/error-policy.ts'
import { plainRecord } from '../../transport/plain-record.ts'
import { ManualClock } from '../manual-clock.ts'
import { below, seededRandom } from './seeded-random.ts'
import type { TestHooks } from './test-hooks.ts'

export interface OperatorExam {
  /** A new machine, equal to every other; `onError` is the policy of its step. */
  readonly create: (onError: ErrorPolicy) => Operator
  /** Records in the order of the log, none left out, tombstones and nulls among them. */
  readonly input: Batch
  /** What becomes of tombstones; `observed` where only `observe` can tell. */
  readonly tombstones: 'pass' | 'ignored' | 'observed'
  /** Indices of the input's records that fail in the step. Default: none does. */
  readonly failing?: readonly number[]
  /** The step that errors name. Default: the operator's name. */
  readonly step?: string
  /** What the machine did besides emitting and producing, for example to a sink. */
  readonly observe?: (operator: Operator) => unknown
}

interface Outcome {
  readonly emitted: readonly Emitted[]
  readonly late: readonly Emitted[]
  readonly produced: readonly object[]
  readonly counters: ReadonlyMap<string, number>
  readonly failures: readonly MillraceError[]
  readonly observed: unknown
}

interface Emitted {
  readonly offset: number
  readonly isTombstone: boolean
}

const CUTS = [1, 7, Number.POSITIVE_INFINITY]
const PARTITIONS = 3
const ROUNDS = 20

export function testOperator(hooks: TestHooks, exam: OperatorExam): void {
  const { describe, test, expect } = hooks
  const input = stamped(exam.input)
  const all = Array.from({ length: input.length }, (_, index) => index)
  const failing = new Set(exam.failing ?? [])
  const good = all.filter(index => !failing.has(index))
  const sound = (indices: readonly number[]): Promise<Outcome> =>
    outcomeOf(exam, cutBy(dense(input, indices), Number.POSITIVE_INFINITY), fail())

  describe(`${exam.create(fail()).name} as an operator`, () => {
    test('gives the same however its input is cut', async () => {
      const whole = await sound(good)
      for (const size of CUTS) {
        const cut = await outcomeOf(exam, cutBy(dense(input, good), size), fail())
        expect(cut).toEqual(whole)
      }
    })
    test('sees selected records only', async () => {
      const random = seededRandom(1)
      for (let round = 0; round < ROUNDS; round++) {
        const chosen = good.filter(() => random() < 0.6)
        const batch = dense(input, all).with({ selection: Int32Array.from(chosen) })
        expect(await outcomeOf(exam, [batch], fail())).toEqual(await sound(chosen))
      }
    })
    test('an empty batch gives nothing and changes nothing', async () => {
      const empty = dense(input, all).with({ selection: new Int32Array(0) })
      const none = dense(input, [])
      const random = seededRandom(2)
      const pieces = cutBy(dense(input, good), 1 + below(random, 3))
      const mixed = pieces.flatMap(piece => [none, piece, empty])
      expect(await outcomeOf(exam, mixed, fail())).toEqual(await sound(good))
      const nothing = await outcomeOf(exam, [none, empty], fail())
      expect([nothing.emitted, nothing.late, nothing.produced.filter(isRow)]).toEqual([[], [], []])
    })
    test('leaves its input as it is', async () => {
      const before = recordsOf(dense(input, good))
      const batch = dense(input, good)
      await outcomeOf(exam, [batch], fail())
      expect(recordsOf(batch)).toEqual(before)
    })
    testTombstones(hooks, exam, { input, good, sound })
    if (failing.size > 0) testFailing(hooks, exam, { input, all, good, sound })
  })
}

interface Answers {
  readonly input: Batch
  readonly good: readonly number[]
  readonly sound: (indices: readonly number[]) => Promise<Outcome>
}

function testTombstones({ test, expect }: TestHooks, exam: OperatorExam, answers: Answers): void {
  const { input, good, sound } = answers
  const tombstones = good.filter(index => input.isTombstone(index))
  if (exam.tombstones === 'ignored') {
    test('ignores tombstones and counts them', async () => {
      const { counters, ...outcome } = await sound(good)
      const { counters: _, ...without } = await sound(
        good.filter(index => !input.isTombstone(index)),
      )
      expect(outcome).toEqual(without)
      expect(counters.get('tombstones_ignored')).toBe(tombstones.length)
    })
    return
  }
  if (exam.tombstones === 'observed') return
  test('passes every tombstone on, in its place', async () => {
    const { emitted, produced } = await sound(good)
    const offsets = emitted.map(({ offset }) => offset)
    expect(offsets).toEqual([...offsets].sort((left, right) => left - right))
    const passed = emitted.filter(({ isTombstone }) => isTombstone)
    const written = produced.filter(record => (record as { value: unknown }).value === null)
    expect(passed.length + written.length).toBe(tombstones.length)
    const expected = recordsOf(dense(input, tombstones)) as readonly Emitted[]
    if (emitted.length > 0) expect(passed.map(placeOf)).toEqual(expected.map(placeOf))
  })
}

function testFailing(
  { test, expect }: TestHooks,
  exam: OperatorExam,
  { input, all, good, sound }: Answers & { readonly all: readonly number[] },
): void {
  const step = exam.step ?? exam.create(fail()).name
  const failing = all.filter(index => !good.includes(index))
  const placed = (index: number): object => ({
    step,
    topic: input.records.topic,
    partition: input.records.partition,
    offset: input.records.offsets[index],
  })
  test('a failing record is dropped alone where the policy skips, and told', async () => {
    const expected = await sound(good)
    for (const size of CUTS) {
      const { failures, ...outcome } = await outcomeOf(exam, cutBy(input, size), skip())
      expect({ ...outcome, failures: [] }).toEqual(expected)
      expect(failures.map(placeOfError)).toEqual(failing.map(placed))
    }
  })
  test('a failing record stops the run where the policy fails, with its place', async () => {
    let thrown: unknown = null
    await outcomeOf(exam, [dense(input, all)], fail()).catch(error => {
      thrown = error
    })
    expect(MillraceError.is(thrown)).toBe(true)
    expect(placeOfError(thrown as MillraceError)).toEqual(placed(failing[0] as number))
  })
}

async function outcomeOf(
  exam: OperatorExam,
  batches: readonly Batch[],
  policy: ErrorPolicy,
): Promise<Outcome> {
  const operator = exam.create(policy)
  const outcome = {
    emitted: [] as Emitted[],
    late: [] as Emitted[],
    produced: [] as object[],
    counters: new Map<string, number>(),
    failures: [] as MillraceError[],
  }
  const output = {
    emit: (batch: Batch) => outcome.emitted.push(...recordsOf(batch)),
    late: (batch: Batch) => outcome.late.push(...recordsOf(batch)),
    update: () => {},
    settled: async () => {},
  }
  await operator.open?.(contextOf(outcome))
  let watermark = Number.NEGATIVE_INFINITY
  for (const batch of batches) {
    await operator.prefetch?.(batch)
    operator.process(batch, output)
    for (let nth = 0; nth < batch.count; nth++) {
      watermark = Math.max(watermark, batch.records.timestamps[batch.at(nth)] as number)
    }
    await operator.advance?.(watermark, output)
  }
  await operator.advance?.(Number.POSITIVE_INFINITY, output)
  await operator.endEpoch?.({ epoch: 0, at: 0, isIdle: false, isFinal: true }, output)
  const receipt = (await operator.prepare?.(0)) ?? null
  await operator.commit?.(0, receipt)
  await operator.close?.()
  return { ...outcome, observed: exam.observe?.(operator) ?? null }
}

function contextOf(outcome: {
  readonly produced: object[]
  readonly counters: Map<string, number>
  readonly failures: MillraceError[]
}): OperatorContext {
  const take: OperatorContext['produce'] = records => {
    for (let i = 0; i < records.count; i++) {
      const { topic, partitions } = records
      const { key, value, timestamp, headers } = plainRecord(records, i)
      // Copies: the bytes are the machine's, and it may write over them.
      const copied = headers.map(each => ({ ...each, value: each.value && copyOf(each.value) }))
      outcome.produced.push({
        topic,
        partition: partitions?.[i] ?? null,
        key: key && copyOf(key),
        value: value && copyOf(value),
        timestamp,
        headers: copied,
      })
    }
  }
  return {
    partition: 0,
    taskCount: PARTITIONS,
    partitionCount: () => PARTITIONS,
    produce: take,
    send: take,
    readsSource: true,
    clock: new ManualClock(),
    warn: () => {},
    waitFor: () => {},
    settled: () => undefined,
    recordFailed: (error, policy) => {
      if (policy.kind === 'fail') throw error
      outcome.failures.push(error)
    },
    count: (metric, amount) =>
      outcome.counters.set(metric, (outcome.counters.get(metric) ?? 0) + amount),
  }
}

/** The input with the watermarks of a source without disorder. */
function stamped(input: Batch): Batch {
  const watermarks = new Float64Array(input.length)
  let watermark = Number.NEGATIVE_INFINITY
  for (let i = 0; i < input.length; i++) {
    watermarks[i] = watermark
    watermark = Math.max(watermark, input.records.timestamps[i] as number)
  }
  return input.with({ selection: null, records: { ...input.records, watermarks } })
}

/** The records at these indices alone, as if they had been read so. */
function dense(batch: Batch, indices: readonly number[]): Batch {
  const { schema, columns, rest } = batch
  return new Batch({
    schema,
    columns: columns.map(column =>
      columnOf(
        column.type,
        indices.map(index => column.get(index)),
      ),
    ),
    rest:
      rest === null
        ? null
        : new JsonColumn(
            rest.type,
            indices.map(index => rest.get(index)),
          ),
    records: ownRecords(gatherRecords(batch.records, Int32Array.from(indices))),
    selection: null,
  })
}

/** Copies: what an operator writes into its input is not to be found in the next question's. */
function ownRecords(records: RecordColumns): RecordColumns {
  const { timestamps, offsets, watermarks } = records
  return {
    ...records,
    timestamps: timestamps.slice(),
    offsets: offsets.slice(),
    watermarks: watermarks.slice(),
  }
}

function cutBy(batch: Batch, size: number): Batch[] {
  const pieces: Batch[] = []
  for (let from = 0; from < batch.length; from += size) {
    const count = Math.min(size, batch.length - from)
    const indices = Array.from({ length: count }, (_, i) => from + i)
    pieces.push(dense(batch, indices))
  }
  return pieces
}

function recordsOf(batch: Batch): Emitted[] {
  const rowAt = rowsOf(batch)
  return Array.from({ length: batch.count }, (_, nth) => {
    const index = batch.at(nth)
    const { keys, timestamps, offsets, watermarks, topic, partition } = batch.records
    const key = keys.get(index) as Uint8Array | null
    return {
      topic,
      partition,
      offset: offsets[index] as number,
      key: key && copyOf(key),
      timestamp: timestamps[index],
      watermark: watermarks[index],
      headers: batch.headers(index),
      isTombstone: batch.isTombstone(index),
      row: rowAt(index),
    }
  })
}

function copyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** Watermark records have no key; rows on an internal topic have one. */
function isRow(record: object): boolean {
  return (record as { key: unknown }).key !== null
}

function placeOf({ offset, isTombstone }: Emitted): object {
  return { offset, isTombstone }
}

function placeOfError({ place }: MillraceError): object {
  const { step, topic, partition, offset } = place
  return { step, topic, partition, offset }
}
