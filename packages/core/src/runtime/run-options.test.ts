import { expect, test } from 'vitest'
import type { SubTopology } from '../operator/pipeline.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import {
  isInternal,
  isTransactional,
  type RunOptions,
  refuseWithoutTransactions,
} from './run-options.ts'

const TOPIC = { kind: 'topic' } as never
const resumed = (resume: string | null) =>
  ({ kind: 'local', resume, source: { name: 'csv a.csv' } }) as never

const context = { applicationId: 'app', log: { info() {}, warn() {} } }

function options(parts: Partial<SubTopology>[], more: Partial<RunOptions> = {}): RunOptions {
  const subTopologies = parts.map(part => ({ input: TOPIC, stores: [], repartitions: [], ...part }))
  const pipeline = { subTopologies, topics: [], fingerprint: '' }
  const transport = inMemory().create(context)
  const membership = 'group'
  return { pipeline, transport, membership, guarantee: 'at-least-once', ...more } as never
}

const store = { identity: 'sums', fingerprint: 'f' }

test('state and regrouping are internal, copying is not', () => {
  expect(isInternal(options([{}]).pipeline)).toBe(false)
  expect(isInternal(options([{}, { stores: [store] }]).pipeline)).toBe(true)
  expect(isInternal(options([{ repartitions: ['by-x'] }]).pipeline)).toBe(true)
  expect(isInternal(options([{ input: resumed('a') }]).pipeline)).toBe(true)
  expect(isInternal(options([{ input: resumed(null) }]).pipeline)).toBe(false)
})

test('transactions are for what is internal, and for outputs that come exactly once', () => {
  expect(isTransactional(options([{}]))).toBe(false)
  expect(isTransactional(options([{}], { guarantee: 'exactly-once' }))).toBe(true)
  expect(isTransactional(options([{ stores: [store] }]))).toBe(true)
  expect(isTransactional(options([{ stores: [store] }], { membership: 'alone' }))).toBe(false)
})

test('a broker without transactions refuses exactly-once and runs the rest without', () => {
  const transport = inMemory().create(context)
  const abilities = { ...transport.abilities, transactions: false }
  const without = { transport: { ...transport, name: 'small broker', abilities } as never }
  expect(isTransactional(options([{ stores: [store] }], without))).toBe(false)
  expect(() => refuseWithoutTransactions(options([{}], without))).not.toThrow()
  const strict = options([{}], { ...without, guarantee: 'exactly-once' })
  expect(() => refuseWithoutTransactions(strict)).toThrow('NOT_SUPPORTED: small broker has no')
  const source = options([{ input: resumed('a') }], without)
  expect(() => refuseWithoutTransactions(source)).toThrow('where csv a.csv goes on is kept in them')
  expect(() => refuseWithoutTransactions({ ...source, membership: 'alone' })).not.toThrow()
})
