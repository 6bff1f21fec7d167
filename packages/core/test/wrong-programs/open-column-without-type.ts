// TypeScript: Property 'mul' does not exist on type 'OpenExpression'
// JavaScript: no error: the type is asked of every record, see docs/errors.md#type_mismatch
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.withColumns(c => ({ total: c.extra.mul(2) })) // wrong
