import { count, sum } from '../../../aggregate/index.ts'
import { tumbling } from '../../../window/window.ts'
import { type Program, readWindow } from './program.ts'
import { GRACE, SIZE } from './sale.ts'
import { shown, windowsOf } from './windows.ts'

/** Windows that are given out as they change, behind an internal topic. */
export const updated: Program = {
  name: 'updated',
  isKeyed: false,
  isFinal: false,
  partsLate: true,
  knowsSilence: true,
  build: (sales, ends) => {
    const windows = sales
      .groupBy(['user', 'team'])
      .window(tumbling(SIZE, { grace: GRACE }), { name: 'first' })
      .agg(c => ({ n: count(), total: sum(c.amount) }))
    ends.late(windows.late())
    ends.results(windows.updates({ every: '3s' }))
  },
  read: readWindow('user'),
  // Also of windows that are still open.
  expected: sales => {
    const amounts = sales.map(({ user, amount, timestamp }) => ({ who: user, amount, timestamp }))
    return shown(windowsOf(amounts, SIZE), SIZE, Number.POSITIVE_INFINITY)
  },
}
