import fc from 'fast-check'
import { expect, test } from 'vitest'
import { internalTopicName } from './internal-topic.ts'

test('is the application, the identity and the kind', () => {
  expect(internalTopicName('shop', 'by-user', 'repartition')).toBe('shop.by-user.repartition')
  expect(internalTopicName('shop', 'totals', 'changelog')).toBe('shop.totals.changelog')
})

test('is a name that Kafka takes, whatever columns are called, and tells them apart', () => {
  const identity = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string())
  fc.assert(
    fc.property(identity, identity, (left, right) => {
      const names = [left, right].map(each => internalTopicName('app', each, 'repartition'))
      for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9._-]{1,249}$/)
      for (const name of names) expect(name.endsWith('.repartition')).toBe(true)
      expect(names[0] === names[1]).toBe(left === right)
    }),
  )
  expect(internalTopicName('app', 'a b', 'changelog')).not.toBe(
    internalTopicName('app', 'a_b', 'changelog'),
  )
})
