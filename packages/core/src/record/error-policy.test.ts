import { expect, test } from 'vitest'
import { fail, skip } from './error-policy.ts'

test('policies without options are frozen values', () => {
  expect([fail(), skip()]).toEqual([{ kind: 'fail' }, { kind: 'skip' }])
  expect([Object.isFrozen(fail()), Object.isFrozen(skip())]).toEqual([true, true])
})
