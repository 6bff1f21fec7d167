import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { sinkNode } from './sink.ts'
import { sourceNode } from './source.ts'
import { toTopicNode } from './to-topic.ts'
import { topicsOf } from './topics-of.ts'

test('are those read and those written, in the order of the plan', () => {
  const parts = { key: null, keyColumn: null, value: json(), timestamp: null, create: null }
  const topic = (name: string) => ({ ...parts, name, disorderMs: 0, idleMs: 0, onError: fail() })
  const source = sourceNode({ kind: 'topic', topic: topic('in') })
  const outputs = [toTopicNode(source, topic('out'), fail()), sinkNode(source, listSink())]
  expect(topicsOf(outputs).map(({ name }) => name)).toEqual(['in', 'out'])
})
