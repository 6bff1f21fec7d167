import { expect, test } from 'vitest'
import { findPlanted } from '../simulate.ts'
import { tell } from '../tell.ts'
import { PLANTED_BUGS } from './index.ts'

/** Stories told in the search, from the one that is known to find it. */
const SEARCHED_MAX = 40
const TIMEOUT_MS = 60_000

test.each(PLANTED_BUGS)('stories find that $name', { timeout: TIMEOUT_MS }, async bug => {
  const found = await findPlanted(bug, SEARCHED_MAX)
  expect(found?.wrong ?? []).not.toEqual([])
  const without = await tell((found as NonNullable<typeof found>).story)
  expect(without.wrong, 'without the bug').toEqual([])
})
