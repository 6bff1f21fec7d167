import { expect, test } from 'vitest'
import { type ErrorPolicy, fail } from '../record/error-policy.ts'
import type { TopicCreation } from '../record/topic-creation.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { deadLetterTopics, refuseDeadLetterLoops } from './dead-letter-topics.ts'
import { sinkNode } from './sink.ts'
import { sourceNode } from './source.ts'
import { tapNode } from './tap.ts'

const deadLetter = (name: string, create: TopicCreation | null = null): ErrorPolicy => ({
  kind: 'dead-letter',
  topic: { name, create },
})

function plan(topicPolicy: ErrorPolicy, ...stepPolicies: readonly ErrorPolicy[]) {
  const topic = { name: 'orders', key: null, keyColumn: null, value: json(), timestamp: null }
  const more = { disorderMs: 0, idleMs: 0, onError: topicPolicy, create: null }
  const source = sourceNode({ kind: 'topic', topic: { ...topic, ...more } })
  return stepPolicies.map(policy =>
    sinkNode(
      tapNode(source, () => {}, policy),
      listSink(),
    ),
  )
}

test('are those of topics and of steps, each once', () => {
  const outputs = plan(deadLetter('a'), deadLetter('b'), fail(), deadLetter('a'))
  expect([...deadLetterTopics(outputs).keys()]).toEqual(['a', 'b'])
  expect(deadLetterTopics(plan(fail(), fail())).size).toBe(0)
})

test('are created as the first policy says that says it', () => {
  const create = { partitions: 3 }
  const outputs = plan(deadLetter('a'), deadLetter('a', create), deadLetter('a', { partitions: 4 }))
  expect(deadLetterTopics(outputs).get('a')).toEqual({ name: 'a', create })
})

test('must not be read by the application', () => {
  expect(() => refuseDeadLetterLoops(plan(fail(), deadLetter('orders')))).toThrow(
    'INVALID_PLAN: the application reads topic "orders" and writes its dead letters there',
  )
  refuseDeadLetterLoops(plan(deadLetter('orders-dead'), fail()))
})
