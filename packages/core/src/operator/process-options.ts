import type { Row } from '../batch/row.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Schema } from '../schema/schema.ts'
import type { ProcessContext, Timer } from '../state/process-context.ts'
import type { StateDeclarations } from '../state/state-declaration.ts'
import type { StateMemory } from '../state/state-memory.ts'
import type { Grouping } from './group-keys.ts'

export type AnyProcessContext = ProcessContext<Row, StateDeclarations, Row>

export interface ProcessFunctions {
  readonly row: (row: Row, context: AnyProcessContext) => unknown
  readonly timer: ((timer: Timer, context: AnyProcessContext) => unknown) | null
}

export interface ProcessOptions {
  readonly name: string
  /** The identity of its state. */
  readonly identity: string
  /** Numbers of its stores: states of keys, and where they are due by each kind of time. */
  readonly stores: {
    readonly state: number
    readonly event: number
    readonly expiry: number
    readonly wall: number
  }
  readonly memory: StateMemory
  /** Null: grouped by the bytes of the record key. */
  readonly group: Grouping | null
  readonly states: StateDeclarations
  readonly ttlMs: number | null
  /** Of the rows given out. */
  readonly schema: Schema
  readonly functions: ProcessFunctions
  readonly onError: ErrorPolicy
  /** Most rows in one batch. */
  readonly batchRecordsMax: number
}
