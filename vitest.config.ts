/**
 * Every test of the repository, as one vitest run with a project per kind.
 *
 * Packages are tested from source: the export condition `@millrace/source` leads to `src/index.ts`,
 * so no build is needed. Each test file has a process of its own (`forks`), because the Kafka addon
 * can be loaded only once a process. `differential` runs generated pipelines in many ways and
 * compares them with an oracle. `integration` needs real servers, `consumer` packs and
 * installs the packages, `docs` runs the code fences of the guide.
 */
import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { writeDocTests } from './scripts/doc-tests/generate.mjs'
import { LongestFirst } from './scripts/test/longest-first.mjs'

writeDocTests(import.meta.dirname)

// Without `import`: it would hold for what is required, too, as by the Cassandra driver.
const conditions = ['@millrace/source', 'node', 'default']

const CORES = availableParallelism()

/** Many processes or group members each, on which a busy machine tells: one file at a time. */
const ALONE = [
  'test/integration/kafka-transport.test.ts',
  'test/integration/processes.test.ts',
  'test/integration/rebalance.test.ts',
  'test/integration/silence.test.ts',
  'test/integration/verify-crash.test.ts',
]

/** Three nodes of Cassandra: run by `npm test -- --project integration-nodes` alone. */
const NODES = 'test/integration/cassandra-nodes.test.ts'

interface ProjectOptions {
  readonly name: string
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
  readonly timeoutMs?: number
  readonly globalSetup?: readonly string[]
  /** Projects of one group run together; the groups run one after the other. */
  readonly group?: number
  /** So many files at a time; must be one number per group. */
  readonly workers?: number
  /** False: a process runs many files, which share its modules. */
  readonly isolate?: boolean
}

function project(options: ProjectOptions) {
  const { name, include, exclude = [], timeoutMs = 10_000, globalSetup = [], group = 0 } = options
  const { workers = CORES, isolate = true } = options
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include: [...include],
      exclude: [...configDefaults.exclude, ...exclude],
      globalSetup: [...globalSetup],
      pool: 'forks' as const,
      isolate,
      maxWorkers: workers,
      sequence: { groupOrder: group },
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
    },
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      project({
        name: 'core',
        include: ['packages/core/src/**/*.test.ts'],
        timeoutMs: 30_000,
        isolate: false,
      }),
      project({
        name: 'kafka',
        include: ['packages/kafka/src/**/*.test.ts', 'packages/kafka/{bin,native}/**/*.test.mjs'],
        timeoutMs: 30_000,
      }),
      project({
        name: 'rocksdb',
        include: ['packages/rocksdb/src/**/*.test.ts'],
        timeoutMs: 60_000,
      }),
      project({
        name: 'cassandra',
        include: ['packages/cassandra/src/**/*.test.ts'],
        timeoutMs: 30_000,
      }),
      project({
        name: 'avro',
        include: ['packages/avro/src/**/*.test.ts'],
        timeoutMs: 30_000,
      }),
      project({
        name: 'arrow',
        include: ['packages/arrow/src/**/*.test.ts'],
        timeoutMs: 30_000,
      }),
      project({ name: 's3', include: ['packages/s3/src/**/*.test.ts'] }),
      project({ name: 'verify', include: ['packages/verify/src/**/*.test.ts'] }),
      project({
        name: 'scripts',
        include: ['scripts/**/*.test.mjs', 'benchmarks/src/**/*.test.ts'],
      }),
      project({
        name: 'differential',
        include: ['test/differential/**/*.test.ts'],
        timeoutMs: 120_000,
      }),
      project({
        name: 'examples',
        include: ['examples/**/*.test.ts'],
        timeoutMs: 60_000,
      }),
      project({
        name: 'docs',
        include: ['.generated/doc-tests/**/*.test.ts'],
        timeoutMs: 30_000,
      }),
      project({
        name: 'integration',
        include: ['test/integration/*.test.ts'],
        exclude: [...ALONE, NODES],
        globalSetup: ['test/integration/kafka.ts', 'test/integration/registry.ts'],
        timeoutMs: 120_000,
        group: 1,
        workers: 3,
      }),
      project({
        name: 'integration-alone',
        include: ALONE,
        globalSetup: ['test/integration/kafka.ts'],
        timeoutMs: 120_000,
        group: 4,
        workers: 1,
      }),
      project({
        name: 'integration-nodes',
        include: [NODES],
        globalSetup: ['test/integration/kafka.ts'],
        timeoutMs: 120_000,
        group: 5,
        workers: 1,
      }),
      project({
        name: 'integration-cassandra',
        include: ['test/integration/cassandra/**/*.test.ts'],
        globalSetup: ['test/integration/cassandra/cassandra.ts'],
        timeoutMs: 120_000,
        group: 3,
      }),
      project({
        name: 'consumer',
        include: ['test/consumer/**/*.test.ts'],
        globalSetup: ['test/consumer/tarballs.ts'],
        timeoutMs: 600_000,
        group: 2,
        workers: 1,
      }),
    ],
  },
})
