import { expectTypeOf } from 'vitest'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { json } from './json.ts'
import type { Serde } from './serde.ts'
import type { StandardSchema } from './standard-schema.ts'

const Purchase = schema({ user: t.string(), n: t.int64().nullable() })
type Purchase = RowOf<typeof Purchase>

expectTypeOf(json(Purchase)).toEqualTypeOf<Serde<{ user: string; n: bigint | null }>>()
expectTypeOf(json<{ a: number }>()).toEqualTypeOf<Serde<{ a: number }>>()
expectTypeOf(json()).toEqualTypeOf<Serde<Record<string, unknown>>>()

declare const standard: StandardSchema<{ at: string }, { at: Date }>
expectTypeOf(json(standard)).toEqualTypeOf<Serde<{ at: Date }>>()

const source = fromArray([{}], { schema: Purchase, timestamp: row => Number(row.n ?? 0n) })
expectTypeOf(source.schema.row).toEqualTypeOf<Purchase>()
expectTypeOf(fromArray([{ a: 1 }], { timestamp: row => row.a }).schema.row).toEqualTypeOf<{
  a: number
}>()

// @ts-expect-error a number is no schema
json(5)
