// TypeScript: Property 'amounts' does not exist on type…Did you mean 'amount'?
// JavaScript: no error: a function meets its row when the row comes
import { schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.groupBy('user_id').reduce({
  schema: schema({ total: t.float64() }),
  init: row => ({ total: row.amounts }), // wrong
  add: ({ total }, row) => ({ total: total + row.amount }),
})
