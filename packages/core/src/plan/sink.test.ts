import { expect, test } from 'vitest'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { deadLetterTopics } from './dead-letter-topics.ts'
import { sinkNode } from './sink.ts'
import { sourceNode } from './source.ts'

const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ n: t.int32() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

test('keeps the policy for records that the sink refuses; default is to stop', () => {
  expect(sinkNode(source, listSink()).onError).toEqual(fail())
  expect(sinkNode(source, listSink(), skip()).onError).toEqual(skip())
  const letters: ErrorPolicy = { kind: 'dead-letter', topic: { name: 'dead', create: null } }
  const outputs = [sinkNode(source, listSink(), letters)]
  expect([...deadLetterTopics(outputs).keys()]).toEqual(['dead'])
})

test('asks the sink whether rows of the frame fit, at once', () => {
  const names: (readonly string[])[] = []
  const sink = {
    ...listSink(),
    check: (from: { names: readonly string[] }) => names.push(from.names),
  }
  sinkNode(source, sink)
  expect(names).toEqual([['n']])
})
