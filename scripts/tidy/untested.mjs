/**
 * Source files without a test of their own beside them, each with the reason. A name that ends
 * with a slash is a whole folder.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const UNTESTED = {
  'packages/core/src/api/application-run-options.ts': 'tested whole by api/application.test.ts',
  'packages/core/src/api/processes/member.ts': 'tested whole by processes/process-group.test.ts',
  'packages/core/src/api/processes/whole-status.ts':
    'tested whole by processes/process-group.test.ts',
  'packages/core/src/api/processes/run-in-child.ts':
    'tested whole, with processes, by test/integration/processes.test.ts',
  'packages/core/src/api/processes/start-process.ts':
    'tested whole, with processes, by test/integration/processes.test.ts',
  'packages/avro/src/avro-schema/':
    'tested whole by parse-schema.test.ts and canonical-form.test.ts',
  'packages/avro/src/codec/':
    'tested whole by its generated records, by testSerde, and against other implementations',
  'packages/core/src/serde/json-cell-writer.ts':
    'tested whole, against the clear version, by serde/json-column-encoder.test.ts',
  'packages/core/src/serde/json-scan/field-names.ts':
    'tested whole, with planted bugs, by json-scan/scan-decoder.test.ts',
  'packages/core/src/serde/json-scan/field-values.ts':
    'tested whole, with planted bugs, by json-scan/scan-decoder.test.ts',
  'packages/core/src/serde/json-scan/scan-cells.ts':
    'tested whole, with planted bugs, by json-scan/scan-decoder.test.ts',
  'packages/core/src/serde/json-scan/scan-code.ts':
    'tested whole, with planted bugs, by json-scan/scan-decoder.test.ts',
  'packages/core/src/serde/json-scan/scan-module.ts':
    'made by a program; json-scan/plain-scan.test.ts makes it again and compares',
  'packages/arrow/src/bridge/gatherer.ts': 'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/bridge/bytes-gatherer.ts': 'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/bridge/dictionary-gatherer.ts':
    'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/bridge/fixed-gatherer.ts': 'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/bridge/validity.ts': 'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/bridge/bytes-ranges.ts': 'tested whole by bridge/column-of-data.test.ts',
  'packages/arrow/src/bridge/converted.ts': 'tested whole by bridge/column-of-data.test.ts',
  'packages/arrow/src/bridge/decimal-texts.ts': 'tested whole by bridge/column-of-data.test.ts',
  'packages/arrow/src/bridge/nested-cells.ts': 'tested whole by bridge/column-of-data.test.ts',
  'packages/arrow/src/bridge/times-of.ts': 'tested whole by bridge/column-of-data.test.ts',
  'packages/arrow/src/files/batches-file.ts':
    'tested whole by files/ipc-format.test.ts and files/parquet-format.test.ts',
  'packages/arrow/src/files/ipc-batches.ts': 'tested whole by files/ipc-format.test.ts',
  'packages/arrow/src/files/parquet-wasm.ts': 'tested whole by files/parquet-format.test.ts',
  'packages/arrow/src/ipc/ipc-messages.ts': 'tested whole by bridge/batch-gatherer.test.ts',
  'packages/arrow/src/ipc/check-data.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/ipc/check-metadata.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/source/file-set.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/source/files-reader.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/source/column-chunks.ts': 'tested whole by source/parquet-source.test.ts',
  'packages/arrow/src/source/parquet-codecs.ts': 'tested whole by source/parquet-source.test.ts',
  'packages/arrow/src/serve/live-table.ts': 'tested whole by serve/serve-arrow.test.ts',
  'packages/arrow/src/serve/to-arrow-table.ts': 'tested whole by serve/serve-arrow.test.ts',
  'packages/arrow/src/source/parquet-schema.ts': 'tested whole by source/parquet-source.test.ts',
  'packages/arrow/src/ipc/ipc-index.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/ipc/ipc-reader.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/ipc/ipc-rows.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/arrow/src/ipc/load-columns.ts': 'tested whole by source/arrow-source.test.ts',
  'packages/core/src/serde/json-rows/rows-memory.ts':
    'tested whole by serde/json-rows/row-writer.test.ts',
  'packages/core/src/serde/json-rows/rows-module.ts':
    'made by wasm/build.mjs; json-rows/row-writer.test.ts sees that it is that of its source',
  'packages/core/src/serde/module-scan.ts':
    'tested whole by serde/json-scan/plain-scan.test.ts, and by flat-scan.test.ts of avro',
  'packages/core/src/transport/record-positions.ts':
    'tested whole by transport/raw-records-builder.test.ts',
  'packages/kafka/src/direct/direct-reading.ts': 'tested whole by direct/direct-fetcher.test.ts',
  'packages/kafka/src/direct/fetch-errors.ts': 'tested whole by direct/direct-fetcher.test.ts',
  'packages/kafka/src/direct/leader-link.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/outgoing-partition.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/outgoing-topics.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/unacknowledged.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/produce-errors.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/direct-producer.ts': 'tested whole by direct/record-sender.test.ts',
  'packages/kafka/src/direct/producer-id.ts': "tested whole by the transport's exam on real Kafka",
  'packages/kafka/src/delivery-failure.ts':
    'what it says is in the tests of faults and rights on real Kafka',
  'packages/kafka/src/direct-clients.ts': "tested whole by the transport's exam on real Kafka",
  'packages/kafka/src/direct/wire-fetch-source.ts':
    "tested whole by the transport's exam on real Kafka",
  'packages/kafka/src/reading-failures.ts': 'tested whole by direct/direct-fetcher.test.ts',
  'packages/kafka/src/records/outgoing-rows.ts': 'tested whole by records/record-writer.test.ts',
  'packages/kafka/src/records/record-writer-module.ts':
    'made by wasm/build.mjs; records/record-writer.test.ts sees that it is that of its source',
  'packages/kafka/src/records/batch-bytes.ts': 'a tool of tests',
  'packages/kafka/src/direct/simulated-brokers.ts': 'a tool of tests',
  'packages/kafka/src/records/record-parser.ts':
    'tested whole by records/record-batch-reader.test.ts and record-walk.test.ts',
  'packages/kafka/src/records/record-memory.ts':
    'tested whole by records/record-walk.test.ts and codecs/lz4-blocks.test.ts',
  'packages/kafka/src/records/records-module.ts':
    'made by a program; codecs/lz4-blocks.test.ts makes it again and compares',
  'packages/kafka/src/records/codecs/': 'tested whole by records/codecs/codecs.test.ts',
  'packages/kafka/src/wire/': "tested whole by wire/'s tests and the transport's exam",
  'packages/core/src/aggregate/states.ts':
    'tested whole by the exam of aggregators, testing/conformance/aggregator.test.ts',
  'packages/core/src/aggregate/float-sums.ts':
    'tested whole by the exam of aggregators, testing/conformance/aggregator.test.ts',
  'packages/core/src/aggregate/integer-sums.ts':
    'tested whole by the exam of aggregators, testing/conformance/aggregator.test.ts',
  'packages/core/src/operator/aggregate-states.ts': 'tested whole by operator/accumulators.test.ts',
  'packages/core/src/operator/record-slots.ts': 'tested whole by operator/window-adder.test.ts',
  'packages/core/src/state/cells.ts': 'tested whole by state/layered-store.test.ts',
  'packages/core/src/state/slot-store.ts': 'tested whole by state/layered-store.test.ts',
  'packages/core/src/state/taken-page.ts': 'tested whole by state/layered-store.test.ts',
  'packages/core/src/testing/conformance/array-states.ts':
    'run, with a planted fault, by conformance/aggregator.test.ts',
  'packages/core/src/operator/batch-panes.ts': 'tested whole by operator/window-adder.test.ts',
  'packages/core/src/operator/window-updates.ts': 'tested whole by testing/updates.test.ts',
  'packages/core/src/operator/due-index.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/group-keys.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/kept-states.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/key-call.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/keyed-rows.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/keyed-states.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/operator/process-call.ts': 'tested whole by operator/process.test.ts',
  'packages/core/src/expr/kernel/':
    'compared with the interpreter by test/differential/kernels.test.ts; ' +
    'test/differential/planted-kernel-bugs.test.ts shows that it finds bugs',
  'packages/core/src/compile/lower-stage.ts':
    'run both ways by test/differential/kernels.test.ts and by compile/lower.test.ts',
  'packages/core/src/batch/batch-kernel.ts': 'a contract',
  'packages/core/src/api/application-options.ts': 'its refusals are in application.test.ts',
  'packages/core/src/runtime/checkpoint.ts':
    "tested whole by runtime/run.test.ts and the test driver's suites",
  'packages/core/src/runtime/checkpoint-step.ts': 'told by testing/watch-checkpoint.test.ts',
  'packages/core/src/runtime/intake.ts':
    "tested whole by runtime/run.test.ts and the test driver's suites",
  'packages/core/src/runtime/task.ts':
    "tested whole by runtime/run.test.ts and the test driver's suites",
  'packages/core/src/runtime/task-set.ts':
    "tested whole by runtime/run.test.ts and the test driver's suites",
  'packages/core/src/runtime/task-start.ts':
    "tested whole by runtime/run.test.ts and the test driver's suites",
  'packages/core/src/testing/simulation/':
    'told by simulation/simulation.test.ts; planted/planted-bugs.test.ts shows that it finds bugs',
  'packages/core/src/testing/conformance/sink-overlap.ts':
    'run, with planted faults, by conformance/sink.test.ts',
  'packages/core/src/testing/conformance/sink-under-test.ts':
    'run, with planted faults, by conformance/sink.test.ts',
  'packages/core/src/testing/conformance/transport/':
    'run, with planted faults, by conformance/transport.test.ts',
  'packages/verify/src/check/checker-process.ts':
    'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/check/checker.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/check/topic-reader.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/children.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/application.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/conductor.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/crash-command.ts':
    'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/feeder.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/messages.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/story.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/topics.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/worker-process.ts':
    'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/crash/worker.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/engine/kernel-bugs.ts':
    'planted by engine/find-planted.test.ts and test/differential/planted-kernel-bugs.test.ts',
  'packages/verify/src/engine/pipelines/':
    'run whole by test/differential/, which also shows that it finds planted bugs',
  'packages/verify/src/fetch/both-clients.ts': 'run whole by test/integration/verify-fetch.test.ts',
  'packages/verify/src/fetch/kinds-of-topics.ts':
    'run whole by test/integration/verify-fetch.test.ts',
  'packages/verify/src/kafka-client.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/run-verify.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/verify.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/verify/src/watchdog.ts': 'run whole by test/integration/verify-crash.test.ts',
  'packages/avro/src/registry/embedded-registry.ts': 'tested whole by registry/registry.test.ts',
  'packages/avro/src/registry/embedded-subjects.ts': 'tested whole by registry/registry.test.ts',
  'packages/avro/src/registry/http-request.ts':
    'tested whole by registry/registry-connection.test.ts',
  'packages/avro/src/registry/registry-auth.ts':
    'tested whole by registry/registry-connection.test.ts',
  'packages/avro/src/registry/schema-cache.ts': 'tested whole by registry/registry.test.ts',
  'packages/avro/src/registry/registry-api.ts': 'tested whole by registry/registry.test.ts',
  'packages/avro/src/registry/registry-compatibility.ts':
    'tested whole by registry/registry.test.ts',
  'packages/avro/src/files/avro-file.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/avro-file-source.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/block-codec.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/block-rows.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/byte-file.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/container.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/files/container-reader.ts': 'tested whole by files/avro-files.test.ts',
  'packages/avro/src/registry/registered-writer.ts':
    'tested whole by registry/registry-serde.test.ts and avro-key.test.ts',
  'packages/avro/src/registry/ruled-records.ts': 'tested whole by registry/registry-rules.test.ts',
  'packages/avro/src/plain-codec.ts': 'tested whole by avro.test.ts and avro-key.test.ts',
  'packages/avro/src/registry/writer-schemas.ts': 'tested whole by registry/registry-serde.test.ts',
  'packages/avro/src/cli/main.ts': 'a line; what it runs is tested by cli/run-command.test.ts',
  'packages/cassandra/src/cassandra.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/cell-encoder.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/conditional-write.ts':
    'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/connection.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/live-table.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/open-table.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/option-checks.ts': 'shown by table-options.test.ts',
  'packages/cassandra/src/open-writers.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/query-writer.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/row-binder.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/row-target.ts': 'types alone',
  'packages/cassandra/src/shared-targets.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/statement.ts': 'held against its text by table-plan.test.ts',
  'packages/cassandra/src/table-problems.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/table-source.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/table-rows.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/table-writer.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/task-sink.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/tombstone.ts': 'run on a real server by test/integration/cassandra',
  'packages/cassandra/src/type-fit.ts': 'shown by table-plan.test.ts',
}
