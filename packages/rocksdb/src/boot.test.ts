import { expect, test } from 'vitest'
import { bootOf, isSameBoot } from './boot.ts'

const noFile = (): string => {
  throw new Error('ENOENT')
}

test('a boot has one name as long as it lasts', () => {
  expect(isSameBoot(bootOf(), bootOf())).toBe(true)
  expect(isSameBoot(bootOf(noFile), bootOf(noFile))).toBe(true)
})

test('where the system names it, that is the name', () => {
  expect(bootOf(() => 'af3b6c7e-0d4a\n')).toBe('af3b6c7e-0d4a')
  expect(isSameBoot('af3b6c7e', 'af3b6c7f')).toBe(false)
})

test('elsewhere it is the time of the start, give or take five seconds', () => {
  expect(bootOf(noFile)).toMatch(/^since \d{10}$/)
  expect(isSameBoot('since 1750000000', 'since 1750000005')).toBe(true)
  expect(isSameBoot('since 1750000000', 'since 1749999994')).toBe(false)
  expect(isSameBoot('since 1750000000', 'af3b6c7e')).toBe(false)
})
