import { expect, test } from 'vitest'
import { benchmarks } from './benchmarks.ts'

test('there is a benchmark for each figure of the page', () => {
  expect([...benchmarks.keys()]).toEqual([
    'durable',
    'restore',
    'restart',
    'state-memory',
    'cassandra',
    'avro',
    'ceiling',
    'arrow',
    'latency',
    'micro',
    'scaling',
    'memory',
    'pipelines',
  ])
  for (const { title } of benchmarks.values()) expect(title).not.toBe('')
})
