import { count, sum } from '../../../aggregate/index.ts'
import { tumbling } from '../../../window/window.ts'
import { keyed } from './keyed.ts'
import { type Program, readWindow } from './program.ts'
import { GRACE, SIZE } from './sale.ts'

/** Windows behind an internal topic. */
export const regrouped: Program = {
  name: 'regrouped',
  isKeyed: false,
  isFinal: true,
  partsLate: true,
  knowsSilence: true,
  build: (sales, ends) => {
    const windows = sales
      .groupBy(['user', 'team'])
      .window(tumbling(SIZE, { grace: GRACE }), { name: 'first' })
      .agg(c => ({ n: count(), total: sum(c.amount) }))
    ends.late(windows.late())
    ends.results(windows.final())
  },
  read: readWindow('user'),
  expected: keyed.expected,
}
