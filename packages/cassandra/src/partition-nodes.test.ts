import type { Client } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { nodesReader } from './partition-nodes.ts'

const reader = (length: number, replicas: (key: string) => readonly string[] | null) =>
  nodesReader(
    {
      hosts: { length },
      getReplicas: (_: string, key: Buffer) =>
        replicas(key.toString('latin1'))?.map(address => ({ address })) ?? null,
    } as unknown as Client,
    'shop',
  )

test('names the nodes of a partition, in whatever order the driver has them', () => {
  const nodesOf = reader(3, key =>
    key === 'x' ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'],
  )
  expect(nodesOf('x')).toBe(nodesOf('y'))
  expect(nodesOf('x')).not.toBe(reader(3, () => ['10.0.0.1', '10.0.0.3'])('x'))
})

test('one node keeps everything', () => {
  const nodesOf = reader(1, () => null)
  expect(nodesOf('x')).toBe(nodesOf('y'))
  expect(nodesOf('x')).not.toBeNull()
})

test('nothing is said where the driver does not know', () => {
  expect(reader(3, () => null)('x')).toBeNull()
  expect(reader(3, () => [])('x')).toBeNull()
})
