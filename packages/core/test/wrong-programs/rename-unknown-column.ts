// TypeScript: Object literal may only specify known properties, and 'user' does not exist
// JavaScript: UNKNOWN_COLUMN: column "user" is not in the frame;
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.rename({ user: 'customer' }) // wrong
