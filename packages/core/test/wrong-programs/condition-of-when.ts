// TypeScript: Argument of type 'NumberExpression<number | null>' is not assignable
// JavaScript: TYPE_MISMATCH: when needs true or false; discount is float64?

import { when } from '@millrace/core'
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.withColumns(c => ({ sale: when(c.discount).then('yes').otherwise('no') })) // wrong
