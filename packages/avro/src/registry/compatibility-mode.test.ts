import { expect, test } from 'vitest'
import { COMPATIBILITY_MODES, isCompatibilityMode, modeRules } from './compatibility-mode.ts'

test('a mode says who reads whom', () => {
  expect(COMPATIBILITY_MODES.map(mode => [mode, ...Object.values(modeRules(mode))])).toEqual([
    ['NONE', false, false, false],
    ['BACKWARD', true, false, false],
    ['BACKWARD_TRANSITIVE', true, false, true],
    ['FORWARD', false, true, false],
    ['FORWARD_TRANSITIVE', false, true, true],
    ['FULL', true, true, false],
    ['FULL_TRANSITIVE', true, true, true],
  ])
  expect(isCompatibilityMode('FULL')).toBe(true)
  expect(isCompatibilityMode('full')).toBe(false)
})
