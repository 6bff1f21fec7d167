// TypeScript: Argument of type 'string' is not assignable to parameter of type 'number'.
// JavaScript: no error: what a function gives is checked when a record comes
import { listState, schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.groupBy('user_id').process({
  state: { amounts: listState(t.float64()) },
  schema: schema({ total: t.float64() }),
  row(row, { state }) {
    state.amounts.push(row.user_id) // wrong
  },
})
