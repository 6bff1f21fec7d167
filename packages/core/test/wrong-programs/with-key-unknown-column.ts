// TypeScript: Argument of type '"user"' is not assignable to parameter of type '"amount" |
// JavaScript: UNKNOWN_COLUMN: column "user" is not in the frame;
import { shop } from './shop.ts'

const { purchases } = shop()
purchases.withKey('user') // wrong
