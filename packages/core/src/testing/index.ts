/// <reference types="node" preserve="true" />
/**
 * `@millrace/core/testing`: a driver for tests of pipelines, and the exams that implementations of
 * the contracts pass. Knows no test runner; exams are given the parts of one.
 */
export {
  CHECKPOINT_STEPS,
  type CheckpointHook,
  type CheckpointStep,
} from '../runtime/checkpoint-step.ts'
export { changeGenerated, type GeneratedChange } from '../util/generated-function.ts'
export { type AggregatorExam, testAggregator } from './conformance/aggregator.ts'
export { type LookupRow, testLookup } from './conformance/lookup.ts'
export { testObjectStore } from './conformance/object-store.ts'
export { type OperatorExam, testOperator } from './conformance/operator.ts'
export { type SerdeSamples, testSerde } from './conformance/serde.ts'
export { type SinkTraits, type SinkUnderTest, testSink } from './conformance/sink.ts'
export { testSource } from './conformance/source.ts'
export { type StateBackendExam, testStateBackend } from './conformance/state-backend.ts'
export type { Expectation, TestHooks } from './conformance/test-hooks.ts'
export { type ExamOptions, testTransport } from './conformance/transport.ts'
export type { RecordRead, RecordToFeed } from './driver-topic.ts'
export { ManualClock } from './manual-clock.ts'
export { SIMULATED_PROGRAMS } from './simulation/programs/index.ts'
export { type Simulated, type SimulateOptions, simulate } from './simulation/simulate.ts'
export type { Story, Told } from './simulation/story.ts'
export { sinkContext } from './sink-context.ts'
export {
  type DrivenOptions,
  TestDriver,
  type TestDriverOptions,
  type TestRunOptions,
} from './test-driver.ts'
export { watchCheckpoint } from './watch-checkpoint.ts'
