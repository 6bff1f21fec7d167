import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { columnsOf } from '../columns.ts'

const S = schema({ ts: t.timestamp(), nts: t.timestamp().nullable(), n: t.int32() })
const c = columnsOf(S)
const cells = (step: '1h' | 1000, ts: number) => cellsOf(c.ts.truncate(step), S, [{ ts, n: 0 }])[0]

test('truncate gives the start of the interval, also before 1970', () => {
  const ts = Date.parse('2026-08-01T10:59:59.999Z')
  expect(cells('1h', ts)).toBe(Date.parse('2026-08-01T10:00:00Z'))
  expect(cells(1000, -1)).toBe(-1000)
  expect(cellsOf(c.nts.truncate('1d'), S, [{ ts, n: 0 }])).toEqual([null])
  expect(`${c.nts.truncate('1d').toExpr(S).type}`).toBe('timestamp?')
})

test('the start is a multiple of the step, at most one step earlier', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 1e13 }),
      fc.integer({ min: 1, max: 1e9 }),
      (ts, step) => {
        const start = cellsOf(c.ts.truncate(step), S, [{ ts, n: 0 }])[0] as number
        expect(Math.abs(start % step)).toBe(0)
        expect(ts - start).toBeGreaterThanOrEqual(0)
        expect(ts - start).toBeLessThan(step)
      },
    ),
  )
})

test('what is no time, and a step of nothing, are refused', () => {
  expect(() => c.n.truncate('1s')).toThrow(
    'TYPE_MISMATCH: truncate needs a timestamp; n is int32. Convert it first: .as(t.timestamp()).',
  )
  expect(() => c.ts.truncate(0)).toThrow('INVALID_ARGUMENT: truncate needs a step longer than 0.')
  expect(() => c.ts.truncate('soon' as '1s')).toThrow('INVALID_ARGUMENT: truncate step')
})
