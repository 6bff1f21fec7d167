import { describe, expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import { rowsOf } from '../../batch/row.ts'
import { eachRecord } from '../../operator/each-record.ts'
import type { Operator, OperatorContext, Output } from '../../operator/operator.ts'
import type { ErrorPolicy } from '../../record/error-policy.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { examBatch } from '../exam-batch.ts'
import { failedQuestions } from './failed-questions.ts'
import { testOperator } from './operator.ts'

const Row = schema({ n: t.int32() })
const rows = Array.from({ length: 30 }, (_, n) => (n % 5 === 3 ? null : { n }))
const FAILING = [6, 20]

/** Passes rows on, and refuses two of them; `process` may be planted with a fault. */
class Sound implements Operator {
  readonly name = 'pass#1'
  readonly #onError: ErrorPolicy
  context!: OperatorContext

  constructor(onError: ErrorPolicy) {
    this.#onError = onError
  }

  open(context: OperatorContext): void {
    this.context = context
  }

  process(batch: Batch, output: Output): void {
    const guard = { step: this.name, policy: this.#onError, context: this.context }
    const rowAt = rowsOf(batch)
    const selection = eachRecord(batch, guard, index => {
      if (FAILING.includes(rowAt(index)['n'] as number)) throw new Error('refused')
      return true
    })
    output.emit(batch.with({ selection }))
  }
}

type Process = (this: Sound, batch: Batch, output: Output, sound: Operator) => void

function failed(fault?: Process): Promise<string[]> {
  return failedQuestions(expect, hooks =>
    testOperator(hooks, {
      create: onError => {
        const operator = new Sound(onError)
        const sound = new Sound(onError)
        if (fault === undefined) return operator
        operator.open = context => {
          operator.context = context
          sound.open(context)
        }
        operator.process = (batch, output) => fault.call(operator, batch, output, sound)
        return operator
      },
      input: examBatch(Row, rows),
      tombstones: 'pass',
      failing: FAILING,
    }),
  )
}

describe('the exam finds', () => {
  test('nothing in a sound operator', async () => {
    expect(await failed()).toEqual([])
  })

  test('one that drops the last record of a batch', async () => {
    const failures = await failed((batch, output, sound) => {
      const last = Int32Array.from({ length: Math.max(0, batch.count - 1) }, (_, i) => batch.at(i))
      sound.process(batch.with({ selection: last }), output)
    })
    expect(failures).toContain('gives the same however its input is cut')
  })

  test('one that ignores the selection', async () => {
    const failures = await failed((batch, output, sound) =>
      sound.process(batch.with({ selection: null }), output),
    )
    expect(failures).toContain('sees selected records only')
    expect(failures).toContain('an empty batch gives nothing and changes nothing')
  })

  test('one that drops tombstones', async () => {
    const failures = await failed((batch, output, sound) => {
      const all = Array.from({ length: batch.count }, (_, nth) => batch.at(nth))
      const selection = Int32Array.from(all.filter(index => !batch.isTombstone(index)))
      sound.process(batch.with({ selection }), output)
    })
    expect(failures).toEqual(['passes every tombstone on, in its place'])
  })

  test('one that moves tombstones behind the rows', async () => {
    const failures = await failed((batch, output, sound) => {
      const all = Array.from({ length: batch.count }, (_, nth) => batch.at(nth))
      for (const wanted of [false, true]) {
        const selection = Int32Array.from(all.filter(i => batch.isTombstone(i) === wanted))
        sound.process(batch.with({ selection }), output)
      }
    })
    expect(failures).toContain('passes every tombstone on, in its place')
    expect(failures).toContain('gives the same however its input is cut')
  })

  test('one that drops a batch for one bad record, and one that hides it', async () => {
    const question = 'a failing record is dropped alone where the policy skips, and told'
    const whole = await failed((batch, output) => {
      const rowAt = rowsOf(batch)
      for (let nth = 0; nth < batch.count; nth++) {
        const index = batch.at(nth)
        if (!batch.isTombstone(index) && FAILING.includes(rowAt(index)['n'] as number)) return
      }
      output.emit(batch)
    })
    expect(whole).toContain(question)
    expect(whole).toContain('a failing record stops the run where the policy fails, with its place')
  })

  test('one that writes into its input', async () => {
    const failures = await failed((batch, output, sound) => {
      batch.records.timestamps.fill(7)
      sound.process(batch, output)
    })
    expect(failures).toContain('leaves its input as it is')
  })
})
