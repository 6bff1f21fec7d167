import { count, sum } from '../../../aggregate/index.ts'
import { tumbling } from '../../../window/window.ts'
import { type Program, readWindow } from './program.ts'
import { GRACE, SIZE, SIZE_BEHIND, teamOf } from './sale.ts'
import { shown, windowsOf } from './windows.ts'

/** Windows over the results of windows, each behind an internal topic. */
export const twoLevels: Program = {
  name: 'two-levels',
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
    const behind = windows
      .final()
      .drop('window_start', 'window_end')
      .groupBy('team')
      .window(tumbling(SIZE_BEHIND), { name: 'second' })
      .agg(c => ({ n: count(), total: sum(c.total) }))
    ends.results(behind.final())
  },
  read: readWindow('team'),
  expected: (sales, horizon) => {
    const amounts = sales.map(({ user, amount, timestamp }) => ({ who: user, amount, timestamp }))
    const first = windowsOf(amounts, SIZE).filter(({ start }) => start + SIZE <= horizon)
    const totals = first.map(({ who, total, timestamp }) => ({
      who: teamOf(who),
      amount: total,
      timestamp,
    }))
    return shown(windowsOf(totals, SIZE_BEHIND), SIZE_BEHIND, horizon)
  },
}
