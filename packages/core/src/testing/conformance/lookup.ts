/**
 * The exam of lookups.
 *
 * Each key gets the row that is its own, whatever is asked beside it; a key without a row gets
 * null; rows have the columns that were asked for, in their order.
 */
import { MillraceError } from '../../errors.ts'
import type { Lookup, LookupAnswer, LookupDefinition } from '../../lookup/lookup.ts'
import { ManualClock } from '../manual-clock.ts'
import type { TestHooks } from './test-hooks.ts'

/** A row of the table that is examined. */
export interface LookupRow {
  readonly id: string
  readonly n: number
  readonly note: string | null
}

/** Gives a lookup by `id` in a table with these rows and no others. */
type Factory = (rows: readonly LookupRow[]) => LookupDefinition | Promise<LookupDefinition>

const COUNT = 500

/** Registers the questions with a test runner. */
export function testLookup({ describe, test, expect }: TestHooks, factory: Factory): void {
  const open = async (count: number, fields: readonly string[]): Promise<Lookup> => {
    const rows = Array.from({ length: count }, (_, n) => ({
      id: `k${n}`,
      n,
      note: n % 3 === 0 ? null : `note ${n}`,
    }))
    const lookup = (await factory(rows)).create()
    const clock = new ManualClock()
    await lookup.open({ step: 'lookup#1', fields, clock, warn: () => {} })
    return lookup
  }

  describe('lookup', () => {
    test('each key gets its own row, in the order of the keys, or null', async () => {
      const lookup = await open(COUNT, ['n'])
      const numbers = Array.from({ length: COUNT * 2 }, (_, i) => (i * 7) % (COUNT * 2))
      const rows = await lookup.rows(numbers.map(n => [`k${n}`]))
      expect(rows).toEqual(numbers.map(n => (n < COUNT ? [n] : null)))
      await lookup.close()
    })

    test('rows have the columns that were asked for, in their order; nulls are null', async () => {
      const lookup = await open(4, ['note', 'id', 'n'])
      expect(await lookup.rows([['k3'], ['k1']])).toEqual([
        [null, 'k3', 3],
        ['note 1', 'k1', 1],
      ])
      await lookup.close()
    })

    test('it is asked again and again, also for nothing', async () => {
      const lookup = await open(3, ['n'])
      const asked: (readonly LookupAnswer[])[] = []
      for (const keys of [[], [['k1']], [['k9']], [['k1']]]) asked.push(await lookup.rows(keys))
      expect(asked).toEqual([[], [[1]], [null], [[1]]])
      await lookup.close()
    })

    test('a column that the table has not is refused when it is opened', async () => {
      const code = await open(1, ['nothing']).then(
        () => 'opened',
        error => (MillraceError.is(error) ? error.code : 'no error of ours'),
      )
      expect(code === 'UNKNOWN_COLUMN' || code === 'SCHEMA_MISMATCH').toBe(true)
    })

    test('closing it twice is closing it', async () => {
      const lookup = await open(1, ['n'])
      await lookup.close()
      await lookup.close()
    })
  })
}
