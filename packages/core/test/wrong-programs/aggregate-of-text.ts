// TypeScript: Argument of type 'StringExpression<string | null>' is not assignable
// JavaScript: TYPE_MISMATCH: sum needs a column of type int32, int64, float64 or decimal
import { sum, tumbling } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
const windows = purchases.groupBy('user_id').window(tumbling('10s'))
windows.agg(c => ({ total: sum(c.note) })) // wrong
