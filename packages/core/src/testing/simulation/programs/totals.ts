import { t } from '../../../schema/data-type.ts'
import { schema } from '../../../schema/schema.ts'
import { valueState } from '../../../state/state-declaration.ts'
import type { Program } from './program.ts'

const TOTAL = schema({ user: t.string(), n: t.int32(), total: t.int32() })

/**
 * All of each user so far, of a source outside Kafka: a record that is lost or counts twice shows
 * in every total behind it.
 */
export const totals: Program = {
  name: 'totals',
  isKeyed: false,
  isSourced: true,
  isFinal: false,
  partsLate: false,
  knowsSilence: false,
  build: (sales, ends) => {
    const running = sales.groupBy('user').process({
      name: 'totals',
      state: { n: valueState(t.int32()), total: valueState(t.int32()) },
      schema: TOTAL,
      row(row, { state, emit }) {
        const n = (state.n.get() ?? 0) + 1
        const total = (state.total.get() ?? 0) + row.amount
        state.n.set(n)
        state.total.set(total)
        emit({ n, total })
      },
    })
    ends.results(running)
  },
  read: ({ user, n, total }) => [`${user}`, `${n}/${total}`],
  expected: sales => {
    const users = new Map<string, { n: number; total: number }>()
    for (const { user, amount } of sales) {
      const { n, total } = users.get(user) ?? { n: 0, total: 0 }
      users.set(user, { n: n + 1, total: total + amount })
    }
    return new Map([...users].map(([user, { n, total }]) => [user, `${n}/${total}`]))
  },
}
