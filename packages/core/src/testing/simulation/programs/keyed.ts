import { count, sum } from '../../../aggregate/index.ts'
import { tumbling } from '../../../window/window.ts'
import { type Program, readWindow } from './program.ts'
import { GRACE, SIZE } from './sale.ts'
import { shown, windowsOf } from './windows.ts'

/** Windows by the record key: each task works for itself. */
export const keyed: Program = {
  name: 'keyed',
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
    ends.results(windows.final())
  },
  read: readWindow('user'),
  expected: (sales, horizon) => {
    const amounts = sales.map(({ user, amount, timestamp }) => ({ who: user, amount, timestamp }))
    return shown(windowsOf(amounts, SIZE), SIZE, horizon)
  },
}
