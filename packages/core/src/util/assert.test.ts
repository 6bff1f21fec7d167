import { expect, test } from 'vitest'
import { assert } from './assert.ts'

test('stops with the invariant that is broken, and only then', () => {
  assert(1, 'a truthy value holds')
  expect(() => assert(0, 'offsets ascend')).toThrow(
    /^INTERNAL: invariant broken: offsets ascend\. This is a bug of Millrace/,
  )
})
