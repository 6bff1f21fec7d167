// TypeScript: Argument of type '"10sec"' is not assignable to parameter of type 'Duration'
// JavaScript: INVALID_ARGUMENT: the size of a tumbling window must be… got "10sec"
import { tumbling } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.groupBy('user_id').window(tumbling('10sec')) // wrong
