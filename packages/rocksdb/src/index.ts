/** State of Millrace on a local disk: in RocksDB, or in LevelDB where that is missing. */
export { classicLevel, rocksdb } from './rocksdb.ts'
export type { StateOptions } from './state-options.ts'
