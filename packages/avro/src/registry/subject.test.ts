import { describe, expect, test } from 'vitest'
import {
  checkContext,
  contextOf,
  inContext,
  recordName,
  topicName,
  topicRecordName,
} from './subject.ts'

const ORDER = { topic: 'orders', isKey: false, recordName: 'com.shop.Order' }

test('strategies make the names of Confluent', () => {
  expect(topicName(ORDER)).toBe('orders-value')
  expect(topicName({ ...ORDER, isKey: true })).toBe('orders-key')
  expect(recordName(ORDER)).toBe('com.shop.Order')
  expect(topicRecordName(ORDER)).toBe('orders-com.shop.Order')
})

test('a schema without a name is refused where one is needed', () => {
  expect(() => topicRecordName({ ...ORDER, recordName: null })).toThrow(
    'needs a schema with a name; the one given has none. Use a record schema, or topicName. ' +
      '(at topic orders)',
  )
})

describe('contexts', () => {
  test('a subject is put into one, unless it names its own', () => {
    expect(inContext('.a', 'orders-value')).toBe(':.a:orders-value')
    expect(inContext('.a', ':.b:orders-value')).toBe(':.b:orders-value')
    expect(inContext('.', 'orders-value')).toBe('orders-value')
  })

  test('and is known by it', () => {
    expect(contextOf(':.a:orders-value')).toBe('.a')
    expect(contextOf('orders-value')).toBe('.')
    expect(contextOf(':orders')).toBe('.')
  })

  test('what is none is refused', () => {
    expect(checkContext('.team-a')).toBe('.team-a')
    expect(() => checkContext('team')).toThrow('a context is a dot and a name')
    expect(() => checkContext('.a:b')).toThrow('got ".a:b"')
  })
})
