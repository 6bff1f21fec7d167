/**
 * The application under test: every kind of pipeline that a crash could hurt, over one input topic.
 *
 *   purchases ─┬─ where ──────────────────────────► passed      nothing kept
 *              ├─ window by user ─┬─ final ─┬─────► users       kept, by the record's key
 *              │                  │         └─────► files       in two phases
 *              │                  └─ late ────────► late
 *              ├─ window by item ─┬─ final ───────► items       regrouped, then kept
 *              │                  └─ updates ─────► updates
 *              ├─ process by user ────────────────► bursts      timers, state that never ends
 *              └─ what cannot be read ────────────► dead
 *
 * A pipeline is a block here, and one in `check/expected.ts` that knows nothing of this one.
 */
import {
  Application,
  type ApplicationOptions,
  count,
  deadLetter,
  filesSink,
  json,
  localFolder,
  max,
  min,
  schema,
  string,
  sum,
  t,
  tumbling,
  valueState,
} from '@millrace/core'
import { rocksdb } from '@millrace/rocksdb'
import {
  AMOUNT_MIN,
  BURST_MS,
  DISORDER_MS,
  GRACE_MS,
  ITEM_WINDOW_MS,
  storyTopics,
  UPDATES_EVERY_MS,
  USER_WINDOW_MS,
  type WorkerOrders,
} from './story.ts'

const PurchaseSchema = schema({
  seq: t.int32(),
  user: t.string(),
  item: t.string(),
  amount: t.int32(),
  at: t.timestamp(),
})

const OpenBurst = schema({ n: t.int32(), total: t.int32() })
const Burst = schema({
  user: t.string(),
  number: t.int32(),
  n: t.int32(),
  total: t.int32(),
  /** Of all bursts of the user until now. */
  ever: t.int32(),
})

export function crashApplication(
  orders: WorkerOrders,
  { broker, log }: Required<Pick<ApplicationOptions, 'broker' | 'log'>>,
): Application {
  const { id, guarantee, commitIntervalMs, folder, files, idleMs } = orders
  const topics = storyTopics(id)
  const state = rocksdb(folder, { memoryBytes: 4 * 1024 * 1024 })
  const app = new Application({
    id,
    broker,
    state,
    guarantee,
    commitInterval: commitIntervalMs,
    log,
  })
  const purchases = app.dataframe(
    app.topic(topics.input, {
      key: string(),
      keyColumn: 'user',
      value: json(PurchaseSchema),
      timestamp: 'at',
      disorder: DISORDER_MS,
      idle: idleMs,
      onError: deadLetter(app.topic(topics.dead)),
    }),
  )
  const to = (name: string) => app.topic(name, { key: string() })

  purchases.where(c => c.amount.gte(AMOUNT_MIN)).toTopic(to(topics.passed))

  const byUser = purchases
    .groupBy('user')
    .window(tumbling(USER_WINDOW_MS, { grace: GRACE_MS }), { name: 'users' })
    .agg(c => ({ n: count(), total: sum(c.amount), least: min(c.amount), most: max(c.amount) }))
  byUser.final().toTopic(to(topics.users))
  byUser.final().sink(filesSink(localFolder(files)))
  byUser.late().toTopic(to(topics.late))

  const byItem = purchases
    .groupBy('item')
    .window(tumbling(ITEM_WINDOW_MS, { grace: GRACE_MS }), { name: 'items' })
    .agg(c => ({ n: count(), total: sum(c.amount), least: min(c.amount), most: max(c.amount) }))
  byItem.final().toTopic(to(topics.items))
  byItem.updates({ every: UPDATES_EVERY_MS }).toTopic(to(topics.updates))

  purchases
    .groupBy('user')
    .process({
      name: 'bursts',
      schema: Burst,
      state: {
        open: valueState(OpenBurst),
        number: valueState(t.int32()),
        ever: valueState(t.int32()),
      },
      row({ amount }, { state, timers, timestamp }) {
        const open = state.open.get()
        if (open === null) timers.event('end', timestamp + BURST_MS)
        state.open.set({ n: (open?.n ?? 0) + 1, total: (open?.total ?? 0) + amount })
      },
      timer(_, { state, emit }) {
        const { n, total } = state.open.get() ?? { n: 0, total: 0 }
        const number = (state.number.get() ?? 0) + 1
        const ever = (state.ever.get() ?? 0) + total
        emit({ number, n, total, ever })
        state.open.delete()
        state.number.set(number)
        state.ever.set(ever)
      },
    })
    .toTopic(to(topics.bursts))
  return app
}
