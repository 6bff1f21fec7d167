// TypeScript: Type 'DataType<number>' is missing…from type 'StateDeclaration<unknown>'
// JavaScript: INVALID_ARGUMENT: state "total" needs a declaration such as valueState(t.float64())
import { schema, t } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
const Total = schema({ total: t.float64() })
const row = () => {}
purchases.groupBy('user_id').process({ state: { total: t.float64() }, schema: Total, row }) // wrong
