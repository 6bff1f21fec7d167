/** The types of what the aggregates give; checked by the compiler, not run. */
import { expectTypeOf } from 'vitest'
import type { Expression } from '../expr/expression.ts'
import type { DecimalText } from '../util/decimal.ts'
import type { AggregateCall } from './aggregate-call.ts'
import { count, max, mean, min, sum } from './index.ts'

declare const number: Expression<number>
declare const maybe: Expression<number | null>
declare const bigint: Expression<bigint>
declare const text: Expression<string>
declare const decimal: Expression<DecimalText>
declare const unknown: Expression<unknown>

expectTypeOf(count()).toEqualTypeOf<AggregateCall<number>>()
expectTypeOf(count(unknown)).toEqualTypeOf<AggregateCall<number>>()
expectTypeOf(sum(number)).toEqualTypeOf<AggregateCall<number | null>>()
expectTypeOf(sum(maybe)).toEqualTypeOf<AggregateCall<number | null>>()
expectTypeOf(sum(bigint)).toEqualTypeOf<AggregateCall<bigint | null>>()
expectTypeOf(sum(decimal)).toEqualTypeOf<AggregateCall<DecimalText | null>>()
expectTypeOf(mean(decimal)).toEqualTypeOf<AggregateCall<number | null>>()
expectTypeOf(max(decimal)).toEqualTypeOf<AggregateCall<DecimalText | null>>()
expectTypeOf(mean(bigint)).toEqualTypeOf<AggregateCall<number | null>>()
expectTypeOf(min(text)).toEqualTypeOf<AggregateCall<string | null>>()
expectTypeOf(max(maybe)).toEqualTypeOf<AggregateCall<number | null>>()

// @ts-expect-error text has no sum
sum(text)
// @ts-expect-error text has no mean
mean(text)
// @ts-expect-error an open json column needs a type first
sum(unknown)
// @ts-expect-error an open json column needs a type first
max(unknown)
