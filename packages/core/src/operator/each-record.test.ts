import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { eachRecord, recordError, refusePromise } from './each-record.ts'
import type { OperatorContext } from './operator.ts'

const Row = schema({ n: t.int32() })

function guard(policy = skip()) {
  const failures: MillraceError[] = []
  const context = {
    recordFailed: (error: MillraceError) => {
      if (policy.kind === 'fail') throw error
      failures.push(error)
    },
  } as unknown as OperatorContext
  return { guard: { step: 'map#1', policy, context }, failures }
}

test('visits what is selected and has a value; keeps what stays', () => {
  const kinds = fc.constantFrom('stays', 'leaves', 'fails', 'tombstone')
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, fc.boolean())), records => {
      const rows = records.map(([kind], n) => (kind === 'tombstone' ? null : { n }))
      const selected = records.flatMap(([, isIn], i) => (isIn ? [i] : []))
      const batch = examBatch(Row, rows).with({ selection: Int32Array.from(selected) })
      const visited: number[] = []
      const tombstones: number[] = []
      const { guard: told, failures } = guard()
      const selection = eachRecord(
        batch,
        told,
        index => {
          visited.push(index)
          if (records[index]?.[0] === 'fails') throw new Error('no')
          return records[index]?.[0] === 'stays'
        },
        index => tombstones.push(index),
      )
      const of = (...wanted: string[]): number[] =>
        selected.filter(i => wanted.includes(records[i]?.[0] as string))
      expect(visited).toEqual(of('stays', 'leaves', 'fails'))
      expect(tombstones).toEqual(of('tombstone'))
      expect([...(selection as Int32Array)]).toEqual(of('stays', 'tombstone'))
      expect(failures.map(({ place }) => place.offset)).toEqual(
        of('fails').map(i => batch.records.offsets[i]),
      )
    }),
  )
})

test('gives the very selection of the batch when every record stays', () => {
  const batch = examBatch(Row, [{ n: 1 }, { n: 2 }])
  expect(eachRecord(batch, guard().guard, () => undefined)).toBe(null)
  const selection = Int32Array.of(1)
  expect(eachRecord(batch.with({ selection }), guard().guard, () => true)).toBe(selection)
})

test('goes no further when the policy stops the run', () => {
  const batch = examBatch(Row, [{ n: 1 }, { n: 2 }, { n: 3 }])
  const visited: number[] = []
  const visit = (index: number): boolean => {
    visited.push(index)
    if (index === 1) throw new RangeError('too far')
    return true
  }
  expect(() => eachRecord(batch, guard(fail()).guard, visit)).toThrow(
    /FUNCTION_FAILED: .*RangeError: too far.*skip\(\).*step map#1, topic exam\/2 offset 101/s,
  )
  expect(visited).toEqual([0, 1])
})

describe('the error of a record', () => {
  const batch = examBatch(Row, [{ n: 1 }])

  test('keeps the code and field of ours, and gets its place', () => {
    const ours = new MillraceError('OVERFLOW', 'too large.', { field: 'n' })
    const error = recordError(ours, batch, 'select#2', 0)
    expect(error).toMatchObject({
      code: 'OVERFLOW',
      place: { step: 'select#2', topic: 'exam', partition: 2, offset: 100, field: 'n' },
    })
  })

  test('keeps what was thrown as its cause, whatever it is', () => {
    for (const thrown of [new TypeError('x is undefined'), 'text', null, undefined, { a: 1 }]) {
      const error = recordError(thrown, batch, 'map#1', 0)
      expect([error.code, error.cause]).toEqual(['FUNCTION_FAILED', thrown])
    }
  })

  test('names no offset where a record has none, as results of windows', () => {
    const offsets = Float64Array.of(-1)
    const result = batch.with({ records: { ...batch.records, offsets } })
    expect(recordError(new Error('no'), result, 'map#1', 0).place.offset).toBe(undefined)
  })
})

test('a promise is refused, and its failure is not left unhandled', async () => {
  expect(() => refusePromise(Promise.reject(new Error('later')))).toThrow('Take `async` away')
  await new Promise(resolve => setImmediate(resolve))
  refusePromise({ row: 1 })
})
