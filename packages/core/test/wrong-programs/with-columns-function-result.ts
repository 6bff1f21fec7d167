// TypeScript: Type '() => number' is not assignable to type
// JavaScript: INVALID_ARGUMENT: withColumns column "now" needs an expression such as
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.withColumns(() => ({ now: () => Date.now() })) // wrong
