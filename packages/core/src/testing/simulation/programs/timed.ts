/**
 * Sums per user, told by a timer and begun again: what is kept for a key, and timers.
 *
 * What comes out follows from the input where time comes from the input alone: a sale is added,
 * then its partition's time goes on to it, then the timers fire that are due by then.
 */
import { t } from '../../../schema/data-type.ts'
import { schema } from '../../../schema/schema.ts'
import { valueState } from '../../../state/state-declaration.ts'
import type { Program } from './program.ts'
import { DISORDER, PARTITIONS, type Sale } from './sale.ts'

/** From a sale on, unless another moves it. */
const REST_MS = 7_000

const TOLD = schema({
  user: t.string(),
  turn: t.int32(),
  at: t.timestamp(),
  n: t.int32(),
  total: t.int32(),
})

export const timed: Program = {
  name: 'timed',
  isKeyed: true,
  isFinal: true,
  partsLate: false,
  knowsSilence: false,
  build: (sales, ends) => {
    const told = sales.groupBy('user').process({
      name: 'timed',
      state: {
        turn: valueState(t.int32()),
        n: valueState(t.int32()),
        total: valueState(t.int32()),
      },
      schema: TOLD,
      row(row, { state, timers, timestamp }) {
        state.n.set((state.n.get() ?? 0) + 1)
        state.total.set((state.total.get() ?? 0) + row.amount)
        timers.event('rest', timestamp + REST_MS)
      },
      timer(_, { state, timestamp, emit }) {
        const turn = (state.turn.get() ?? 0) + 1
        emit({ turn, at: timestamp, n: state.n.get() ?? 0, total: state.total.get() ?? 0 })
        state.turn.set(turn)
        state.n.delete()
        state.total.delete()
      },
    })
    ends.results(told)
  },
  read: ({ user, turn, at, n, total }) => [`${user}#${turn}`, `${n}/${total} at ${at}`],
  expected: sales => {
    const told = new Map<string, string>()
    for (let partition = 0; partition < PARTITIONS; partition++) {
      tellPartition(
        sales.filter(sale => sale.partition === partition),
        told,
      )
    }
    return told
  },
}

interface Resting {
  turn: number
  n: number
  total: number
  /** When its timer is due; null = it has none. */
  dueAt: number | null
}

function tellPartition(sales: readonly Sale[], told: Map<string, string>): void {
  const users = new Map<string, Resting>()
  let watermark = Number.NEGATIVE_INFINITY
  for (const { user, amount, timestamp } of sales) {
    const one = users.get(user) ?? { turn: 0, n: 0, total: 0, dueAt: null }
    users.set(user, one)
    one.n++
    one.total += amount
    one.dueAt = timestamp + REST_MS
    watermark = Math.max(watermark, timestamp - DISORDER)
    for (const [name, resting] of users) {
      const { dueAt } = resting
      if (dueAt === null || dueAt > watermark) continue
      told.set(`${name}#${++resting.turn}`, `${resting.n}/${resting.total} at ${dueAt}`)
      users.set(name, { turn: resting.turn, n: 0, total: 0, dueAt: null })
    }
  }
}
