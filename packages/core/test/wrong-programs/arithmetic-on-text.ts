// TypeScript: Property 'mul' does not exist on type 'StringExpression<string>'
// JavaScript: TYPE_MISMATCH: mul needs numbers; user_id is string
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.withColumns(c => ({ total: c.user_id.mul(2) })) // wrong
