/**
 * Parts of packages that they do not export, from their builds: what is measured here is smaller
 * than anything a user can call.
 */
export type Compile = typeof import('../../../packages/core/dist/compile/compile.js')
type SourcePlan = typeof import('../../../packages/core/dist/plan/source.js')
type StateMemoryParts = typeof import('../../../packages/core/dist/state/state-memory.js')
type RowsEncoderParts = typeof import('../../../packages/core/dist/serde/rows-encoder.js')
type OpenBatchParts = typeof import('../../../packages/kafka/dist/records/open-batch.js')
type RowsParts = typeof import('../../../packages/kafka/dist/records/outgoing-rows.js')
type ReaderParts = typeof import('../../../packages/kafka/dist/records/record-batch-reader.js')
type CodecParts = typeof import('../../../packages/kafka/dist/records/codecs/codecs.js')

const PACKAGES = new URL('../../../packages/', import.meta.url)

async function load<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, PACKAGES).href)) as Module
}

const [core, source, memory, rowsEncoder, open, rows, reader, codecs] = await Promise.all([
  load<Compile>('core/dist/compile/compile.js'),
  load<SourcePlan>('core/dist/plan/source.js'),
  load<StateMemoryParts>('core/dist/state/state-memory.js'),
  load<RowsEncoderParts>('core/dist/serde/rows-encoder.js'),
  load<OpenBatchParts>('kafka/dist/records/open-batch.js'),
  load<RowsParts>('kafka/dist/records/outgoing-rows.js'),
  load<ReaderParts>('kafka/dist/records/record-batch-reader.js'),
  load<CodecParts>('kafka/dist/records/codecs/codecs.js'),
])

export const compile: Compile['compile'] = core.compile
export const sourceNode: SourcePlan['sourceNode'] = source.sourceNode
export const StateMemory: StateMemoryParts['StateMemory'] = memory.StateMemory
export const isRowsEncoder: RowsEncoderParts['isRowsEncoder'] = rowsEncoder.isRowsEncoder
export const OpenBatch: OpenBatchParts['OpenBatch'] = open.OpenBatch
export const outgoingRows: RowsParts['outgoingRows'] = rows.outgoingRows
export const RecordBatchReader: ReaderParts['RecordBatchReader'] = reader.RecordBatchReader
export const CODECS: CodecParts['CODECS'] = codecs.CODECS
