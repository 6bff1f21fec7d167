import { count, sum } from '../../../aggregate/index.ts'
import { tumbling } from '../../../window/window.ts'
import { type Program, readWindow } from './program.ts'
import { GRACE, SIZE, SIZE_BEHIND } from './sale.ts'
import { shown, windowsOf } from './windows.ts'

/** Windows over the results of windows, in one task. */
export const stacked: Program = {
  name: 'stacked',
  isKeyed: true,
  isFinal: true,
  partsLate: true,
  knowsSilence: true,
  build: (sales, ends) => {
    const windows = sales
      .groupBy('user')
      .window(tumbling(SIZE, { grace: GRACE }), { name: 'first' })
      .agg(c => ({ n: count(), total: sum(c.amount) }))
    ends.late(windows.late())
    const behind = windows
      .final()
      .drop('window_start', 'window_end')
      .groupBy('user')
      .window(tumbling(SIZE_BEHIND), { name: 'second' })
      .agg(c => ({ n: count(), total: sum(c.total) }))
    ends.results(behind.final())
  },
  read: readWindow('user'),
  expected: (sales, horizon) => {
    const amounts = sales.map(({ user, amount, timestamp }) => ({ who: user, amount, timestamp }))
    const first = windowsOf(amounts, SIZE).filter(({ start }) => start + SIZE <= horizon)
    const totals = first.map(({ who, total, timestamp }) => ({ who, amount: total, timestamp }))
    return shown(windowsOf(totals, SIZE_BEHIND), SIZE_BEHIND, horizon)
  },
}
