import type { Expr } from '../expr/expr.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { TopicCreation } from '../record/topic-creation.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import type { Serde } from '../serde/serde.ts'

/** A topic as `app.topic` declared it: frozen, checked, nothing opened. */
export interface TopicDefinition {
  readonly name: string
  /** Null: keys are bytes that nobody looks into. */
  readonly key: ScalarSerde | null
  /** The column that holds the record key; null = none. */
  readonly keyColumn: string | null
  readonly value: Serde
  /** Event time, over the value's columns; null = the record's timestamp. */
  readonly timestamp: Expr | null
  readonly disorderMs: number
  readonly idleMs: number
  readonly onError: ErrorPolicy
  /** Null: a missing topic is an error. */
  readonly create: TopicCreation | null
}
