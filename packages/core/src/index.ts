/**
 * The public API of Millrace, in reading order: applications and frames, columns, aggregates, data,
 * errors, and what implementations of the contracts need.
 */
/// <reference types="node" preserve="true" />

// ---- applications and frames
export { Application } from './api/application.ts'
export type { ApplicationOptions, Guarantee } from './api/application-options.ts'
export type { ApplicationRunOptions } from './api/application-run-options.ts'
export { deadLetter } from './api/dead-letter.ts'
export type { CollectOptions } from './api/frame-host.ts'
export {
  AggregatedFrame,
  GroupedFrame,
  type UpdatesOptions,
  WindowedFrame,
  type WindowOptions,
} from './api/grouped-frame.ts'
export type { ProcessOptions, ReduceFunctions, ReduceOptions } from './api/process-options.ts'
export type { ApplicationStatus, ProcessStatus, TaskStatus } from './api/status.ts'
export { type StepOptions, StreamingDataFrame } from './api/streaming-data-frame.ts'
export type { LookupOptions } from './api/lookup-options.ts'
export type { SourceOptions } from './api/source-options.ts'
export { Topic, type TopicOptions } from './api/topic.ts'
export { type DeadLetterTopic, type ErrorPolicy, fail, skip } from './record/error-policy.ts'
export { type DeadLetterInfo, deadLetterInfo } from './record/format/dead-letter-headers.ts'
export type { TopicCreation } from './record/topic-creation.ts'
export type { VerdictChoices } from './runtime/verdict-choices.ts'

// ---- columns
export { coalesce, nullIf } from './expr/coalesce.ts'
export { col } from './expr/col.ts'
export { Expression } from './expr/expression.ts'
export type * from './expr/facets.ts'
export { lit } from './expr/lit.ts'
export type { Literal } from './expr/literal.ts'
export { type WhenCondition, type WhenValue, when } from './expr/when.ts'

// ---- aggregates and windows
export type { AggregateCall } from './aggregate/aggregate-call.ts'
export type { AggregateFunction, Aggregator, ArrayStates } from './aggregate/aggregator.ts'
export type { States } from './aggregate/states.ts'
export { count, max, mean, min, sum } from './aggregate/index.ts'
export type { SumOf } from './aggregate/sum.ts'
export type { Duration } from './util/duration.ts'
export {
  type HoppingOptions,
  hopping,
  type TimeWindow,
  type TumblingOptions,
  tumbling,
} from './window/window.ts'

// ---- schemas and serdes
export { isRefusal, toCell } from './schema/cell.ts'
export { DataType, type TimestampUnit, type TypeKind, t } from './schema/data-type.ts'
export { bounded, describeValue, Refusal } from './schema/refusal.ts'
export { type Field, type RowOf, Schema, schema } from './schema/schema.ts'
export { json } from './serde/json.ts'
export {
  BooleanCells,
  Float64Cells,
  Int32Cells,
  Int64Cells,
  ScanCells,
} from './serde/json-scan/scan-cells.ts'
export {
  type BatchPlace,
  type CellsPlace,
  ModuleScan,
  type ScanTable,
} from './serde/module-scan.ts'
export { parseJson } from './serde/json-parse.ts'
export { cellText, valueText } from './serde/json-text.ts'
export { type ScalarFormat, type ScalarSerde, scalarSerde } from './serde/scalar-serde.ts'
export { bytes, double, integer, long, string } from './serde/scalars.ts'
export type * from './serde/serde.ts'
export type { StandardOutput, StandardSchema } from './serde/standard-schema.ts'

// ---- sources, sinks, lookups, state
export type * from './lookup/lookup.ts'
export { localFolder } from './object-store/local-folder.ts'
export { memoryStore } from './object-store/memory-store.ts'
export {
  checkObjectName,
  checkObjectPrefix,
  checkRange,
  isObjectName,
  type ListPage,
  listLimit,
  type ObjectStore,
} from './object-store/object-store.ts'
export { type ConsoleOutput, type ConsoleSinkOptions, consoleSink } from './sink/console-sink.ts'
export { type CsvFormatOptions, csv } from './sink/csv-format.ts'
export {
  type FileFormat,
  type FileWriter,
  jsonLines,
  type RowRange,
  type RowWriter,
} from './sink/file-format.ts'
export { type FilesSinkOptions, filesSink } from './sink/files-sink.ts'
export { type ListSink, type ListSinkOptions, listSink } from './sink/list-sink.ts'
export type { Receipt, Sink, SinkContext, SinkDefinition, SinkKey } from './sink/sink.ts'
export { type ArraySourceOptions, fromArray } from './source/array-source.ts'
export type { ColumnBound, RecordsWanted } from './source/column-bound.ts'
export { type CsvSourceOptions, fromCsv } from './source/csv-source.ts'
export { fromJsonLines, type JsonLinesOptions } from './source/json-lines-source.ts'
export { type ReplayOptions, replay } from './source/replay.ts'
export { type RecordOf, RowFault, recordsOf, type SourceRowOptions } from './source/source-row.ts'
export type {
  Source,
  SourceChunk,
  SourceContext,
  SourceReader,
  SourceRecord,
} from './source/source.ts'
export type { Emitted, ProcessContext, Timer, Timers } from './state/process-context.ts'
export { memoryState } from './state/memory-backend.ts'
export type * from './state/state-backend.ts'
export {
  type ListState,
  listState,
  type MapState,
  mapState,
  type SizeOptions,
  type StateDeclaration,
  type StateDeclarations,
  type StateHandles,
  type ValueState,
  valueState,
} from './state/state-declaration.ts'

// ---- errors and logging
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  type ErrorPlace,
  MillraceError,
} from './errors.ts'
export type { Logger } from './runtime/logger.ts'

// ---- what the status tells
export type { CheckpointStep, CheckpointTimes } from './runtime/checkpoint-step.ts'
export type { CommitStatus } from './runtime/epochs.ts'
export type { RestoreStatus } from './runtime/restore-progress.ts'
export type { StateMemoryStatus } from './state/state-memory.ts'

// ---- brokers, and what implementations of the contracts need
export { Batch, type RecordColumns } from './batch/batch.ts'
export * from './batch/column.ts'
export { ListColumn, StructColumn } from './batch/nested-column.ts'
export { type ColumnBuilder, columnBuilder, columnOf } from './batch/column-builder.ts'
export { type Row, rowsOf } from './batch/row.ts'
export type { Header, Headers } from './record/headers.ts'
export type { TopicPartition } from './record/topic-partition.ts'
export { InMemoryBroker } from './transport/in-memory/in-memory-broker.ts'
export { inMemory } from './transport/in-memory/in-memory-transport.ts'
export type { OutgoingRecords, RawBatch, RawRecords } from './transport/raw-records.ts'
export { RawRecordsBuilder } from './transport/raw-records-builder.ts'
export { decodeHeaders, encodeHeaders } from './transport/record-headers.ts'
export type * from './transport/transport.ts'
export { bitmapBytes, clearBit, getBit, setBit } from './util/bitmap.ts'
export { ByteReader } from './util/byte-reader.ts'
export { ByteWriter } from './util/byte-writer.ts'
export type { Clock } from './util/clock.ts'
export { DECIMAL_DIGITS_MAX, type DecimalText, decimalText, unscaledAt } from './util/decimal.ts'
export { eachAtOnce } from './util/at-once.ts'
export { didYouMean } from './util/did-you-mean.ts'
export { generatedFunction } from './util/generated-function.ts'
export { durationMs } from './util/duration.ts'
export { partitionOfKey } from './util/murmur2.ts'
export { sharedModule, WasmModule } from './util/wasm-module.ts'
