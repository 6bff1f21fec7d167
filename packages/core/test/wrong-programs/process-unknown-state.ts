// TypeScript: Property 'totals' does not exist on type 'StateHandles<{…Did you mean 'total'?
// JavaScript: no error: a function meets its state when a record comes
import { schema, t, valueState } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.groupBy('user_id').process({
  state: { total: valueState(t.float64()) },
  schema: schema({ total: t.float64() }),
  row(row, { state }) {
    state.totals.set(row.amount) // wrong
  },
})
