/// <reference types="node" preserve="true" />
/** Arrow and Parquet for Millrace: files, streams, tables. */
export { type ArrowSchemaOptions, arrowSchema } from './bridge/arrow-schema.ts'
export { arrowFile, arrowStream, type IpcFormatOptions } from './files/ipc-format.ts'
export {
  type ParquetCompression,
  type ParquetFormatOptions,
  parquet,
} from './files/parquet-format.ts'
export { type ArrowSourceOptions, fromArrow } from './source/arrow-source.ts'
export type { FilesPlace } from './source/file-set.ts'
export { fromParquet, type ParquetSourceOptions } from './source/parquet-source.ts'
export type { IpcCompression } from './ipc/body-codec.ts'
export { arrowRows } from './serde/arrow-rows.ts'
export { type ServeArrowOptions, type ServedTable, serveArrow } from './serve/serve-arrow.ts'
export { type TableOptions, toArrowTable } from './serve/to-arrow-table.ts'
