/**
 * `@millrace/cassandra`: tables of Cassandra as sinks of frames, as sources, and for lookups.
 */
export { Cassandra, cassandra } from './cassandra.ts'
export type { LookupTableOptions } from './lookup-options.ts'
export type { TableSourceOptions } from './source-options.ts'
export type {
  ColumnOf,
  ColumnSource,
  ConsistencyName,
  TableOptions,
} from './table-options.ts'
