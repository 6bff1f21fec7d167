import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { listSink } from '../sink/list-sink.ts'
import type { Sink } from '../sink/sink.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import type { Operator } from './operator.ts'
import { SinkOperator } from './sink.ts'

const Row = schema({ n: t.int32() })
const input = examBatch(
  Row,
  Array.from({ length: 20 }, (_, n) => (n % 6 === 2 ? null : { n })),
)

function sinkOperator(sink: Sink, onError: ErrorPolicy = fail()): SinkOperator {
  return new SinkOperator({
    name: 'sink#1',
    sink,
    schema: Row,
    key: null,
    computed: new Map(),
    onError,
  })
}

const lists = new WeakMap<Operator, ReturnType<typeof listSink>>()

testOperator(
  { describe, test, expect },
  {
    create: () => {
      const list = listSink()
      const operator = sinkOperator(list.create('0/0'))
      lists.set(operator, list)
      return operator
    },
    input,
    tombstones: 'observed',
    observe: operator => lists.get(operator)?.rows,
  },
)

/** A sink of which some calls are as given. */
function sinkWith(parts: Partial<Sink>): Sink {
  return {
    open: async () => {},
    write: () => undefined,
    prepare: async () => null,
    commit: async () => {},
    abort: async () => {},
    recover: async () => {},
    close: async () => {},
    ...parts,
  }
}

async function opened(parts: Partial<Sink>) {
  const waits: Promise<unknown>[] = []
  const operator = sinkOperator(sinkWith(parts))
  await operator.open({ waitFor: (promise: Promise<unknown>) => waits.push(promise) } as never)
  return { operator, waits }
}

test('takes part in both phases, each with its epoch and receipt', async () => {
  const calls: unknown[] = []
  const receipt = Buffer.from('r')
  const { operator } = await opened({
    prepare: async epoch => {
      calls.push(['prepare', epoch])
      return receipt
    },
    commit: async (epoch, given) => void calls.push(['commit', epoch, given]),
    abort: async epoch => void calls.push(['abort', epoch]),
    close: async () => void calls.push(['close']),
  })
  await operator.commit(4, await operator.prepare(4))
  await operator.abort(5)
  await operator.close()
  expect(calls).toEqual([['prepare', 4], ['commit', 4, receipt], ['abort', 5], ['close']])
})

test('has the task wait when the sink asks for it, and only then', async () => {
  let isBusy = false
  const busy = Promise.resolve()
  const { operator, waits } = await opened({ write: () => (isBusy ? busy : undefined) })
  operator.process(input)
  expect(waits).toHaveLength(0)
  isBusy = true
  operator.process(input)
  expect(waits).toHaveLength(1)
})

const broken = new Error('disk full')
test.each<[string, Partial<Sink>, (sink: SinkOperator) => Promise<unknown>]>([
  ['write', { write: () => Promise.reject(broken) }, async () => {}],
  ['prepare', { prepare: () => Promise.reject(broken) }, sink => sink.prepare(0)],
  ['commit', { commit: () => Promise.reject(broken) }, sink => sink.commit(0, null)],
])('names the step and keeps the cause when %s fails', async (_, parts, call) => {
  const { operator, waits } = await opened(parts)
  const failing = async (): Promise<void> => {
    operator.process(input)
    await Promise.all(waits)
    await call(operator)
  }
  await expect(failing()).rejects.toMatchObject({
    code: 'SINK_FAILED',
    place: { step: 'sink#1' },
    cause: broken,
  })
})

test('names the step when write throws at once, and when open fails', async () => {
  const thrown = await opened({
    write: () => {
      throw broken
    },
  })
  expect(() => thrown.operator.process(input)).toThrow(/SINK_FAILED: .*disk full.*step sink#1/)
  await expect(opened({ open: () => Promise.reject(broken) })).rejects.toThrow('disk full')
})

test("an error of ours stays what it is, with the step's name", async () => {
  const ours = new MillraceError('ENCODE_FAILED', 'too long.', { field: 'n', retriable: true })
  const { operator } = await opened({ prepare: () => Promise.reject(ours) })
  await expect(operator.prepare(0)).rejects.toMatchObject({
    code: 'ENCODE_FAILED',
    retriable: true,
    place: { field: 'n', step: 'sink#1' },
  })
})

test('hands a record that the sink refuses to the policy of the step, with its place', async () => {
  const refused: unknown[] = []
  const sink = sinkWith({
    open: async context => {
      const ours = new MillraceError('SINK_FAILED', 'too long', { field: 'n' })
      context.recordFailed(ours, input, 3)
    },
  })
  await sinkOperator(sink, skip()).open({
    recordFailed: (error: MillraceError, policy: unknown, record: () => unknown) =>
      refused.push(error.message, policy, record()),
  } as never)
  expect(refused).toEqual([
    'SINK_FAILED: too long (at step sink#1, topic exam/2 offset 103, column "n")',
    skip(),
    expect.objectContaining({ value: Buffer.from('{"n":3}'), timestamp: 3_000 }),
  ])
})
