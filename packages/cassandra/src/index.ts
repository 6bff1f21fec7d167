/**
 * `@millrace/cassandra`: tables of Cassandra as sinks of frames.
 */
export { Cassandra, cassandra } from './cassandra.ts'
export type {
  ColumnOf,
  ColumnSource,
  ConsistencyName,
  TableOptions,
} from './table-options.ts'
