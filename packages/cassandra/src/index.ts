/**
 * `@millrace/cassandra`: tables of Cassandra as sinks of frames, as sources, and for lookups.
 */
export { Cassandra, cassandra } from './cassandra.ts'
export type { ConditionalOptions, Outcome } from './conditional-options.ts'
export type { LookupTableOptions } from './lookup-options.ts'
export type { TableSourceOptions } from './source-options.ts'
export type {
  ColumnSource,
  TableOptions,
} from './table-options.ts'
export type { ConsistencyName } from './option-checks.ts'
export type { SendingOptions } from './sending-options.ts'
export type { QuerySinkOptions } from './query-options.ts'
export type { TableEntry, TablesOptions } from './tables-options.ts'
export type { ColumnOf, ValueSource } from './value-source.ts'
