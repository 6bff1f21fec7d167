// TypeScript: 'totals' does not exist in type
// JavaScript: no error: what a function gives out is checked when a record comes
import { schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.groupBy('user_id').process({
  schema: schema({ user_id: t.string(), total: t.float64() }),
  row(row, { emit }) {
    emit({ totals: row.amount }) // wrong
  },
})
