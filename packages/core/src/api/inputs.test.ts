import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { fromArray } from '../source/array-source.ts'
import { Inputs } from './inputs.ts'
import { Topic, topicDefinition } from './topic.ts'

const source = fromArray([{ n: 1 }])
const topic = (name: string) => new Topic(topicDefinition(name, {}, fail()))
const inputs = () => new Inputs(true, fail())

test('a topic has one node, and a source one each time', () => {
  const all = inputs()
  const sales = topic('sales')
  expect(all.node(sales, {})).toBe(all.node(sales, {}))
  expect(all.node(source, {})).not.toBe(all.node(source, {}))
  expect(all.node(source, { resume: 'a' }).input).toMatchObject({ kind: 'source', resume: 'a' })
})

test('a topic that was declared twice is refused', () => {
  const all = inputs()
  all.node(topic('sales'), {})
  expect(() => all.node(topic('sales'), {})).toThrow('INVALID_PLAN: topic "sales" is read already')
})

test('two sources need two names, and a topic takes none', () => {
  const all = inputs()
  all.node(source, { resume: 'a' })
  all.node(source, { resume: 'b' })
  expect(() => all.node(source, { resume: 'a' })).toThrow('under a name of its own')
  expect(() => all.node(topic('in'), { resume: 'c' })).toThrow('a topic takes no options')
})

test('what is neither is refused', () => {
  expect(() => inputs().node(7 as never, {})).toThrow('dataframe needs a topic')
})
