// TypeScript: is missing the following properties from type 'AggregateCall<unknown>'
// JavaScript: INVALID_ARGUMENT: agg column "total" needs an aggregate such as sum(c.amount)
import { tumbling } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
const windows = purchases.groupBy('user_id').window(tumbling('10s'))
windows.agg(c => ({ total: c.amount })) // wrong
