import { expect, test } from 'vitest'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { BrokerTopics } from './broker-topics.ts'

function recordOf(key: string | null) {
  const builder = new RawRecordsBuilder()
  builder.append(key === null ? null : Buffer.from(key), Buffer.from('v'), 0)
  return builder.build()
}

test('a topic is created once; partitions are those of topics that exist', () => {
  const topics = new BrokerTopics()
  expect([topics.create('a', 2, {}), topics.create('a', 2, {})]).toEqual([true, false])
  topics.create('b', 1, {})
  topics.addPartitions('b', 1)
  expect([topics.partitionCount('b'), topics.partitionCount('none')]).toEqual([2, null])
  const named = topics.partitionsOf(new Set(['b', 'none', 'a']))
  expect(named.map(p => `${p.topic}${p.partition}`)).toEqual(['b0', 'b1', 'a0', 'a1'])
})

test('as many of the next records fail as were asked for, of that topic', () => {
  const topics = new BrokerTopics()
  topics.create('a', 1, {})
  topics.create('b', 1, {})
  topics.failNext('a')
  topics.failNext('a')
  const accept = (topic: string) => topics.accept(topic, 0, recordOf('k'), 0) !== null
  expect([accept('b'), accept('a'), accept('a'), accept('a')]).toEqual([true, false, false, true])
})

test('a compacted topic takes no null keys, and only it is compacted', () => {
  const topics = new BrokerTopics()
  topics.create('plain', 1, { 'cleanup.policy': 'delete' })
  topics.create('table', 1, { 'cleanup.policy': 'compact, delete' })
  expect(topics.accept('plain', 0, recordOf(null), 0)).toBe(topics.log('plain', 0))
  expect(topics.accept('table', 0, recordOf('k'), 0)).toBe(topics.log('table', 0))
  expect(() => topics.accept('table', 0, recordOf(null), 0)).toThrow(
    /^BROKER_REFUSED: a compacted topic takes no record with a null key/,
  )
  expect(() => topics.compact('plain', 0, false)).toThrow('INVALID_ARGUMENT')
  topics.compact('table', 0, false)
})

test('a topic that is deleted is gone; another of its name has another id', () => {
  const topics = new BrokerTopics()
  topics.create('a', 2, {})
  const id = topics.idOf('a')
  topics.delete('a')
  expect(topics.partitionCount('a')).toBe(null)
  expect(() => topics.delete('a')).toThrow('TOPIC_MISSING')
  topics.create('a', 1, {})
  expect(topics.idOf('a')).not.toBe(id)
})
