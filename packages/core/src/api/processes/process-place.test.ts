import { afterEach, expect, test, vi } from 'vitest'
import { environmentOf, logOfProcess, placeOfThisProcess } from './process-place.ts'

afterEach(() => vi.unstubAllEnvs())

const PLACE = { applicationId: 'shop', number: 2, count: 4 }

test('a process has the place it was started for', () => {
  expect(placeOfThisProcess()).toBeNull()
  for (const [name, value] of Object.entries(environmentOf(PLACE))) vi.stubEnv(name, value)
  expect(placeOfThisProcess()).toEqual(process.send === undefined ? null : PLACE)
})

test('each line of the log says which process it is of', () => {
  const lines: unknown[] = []
  const take = (details: object, text: string): void => {
    lines.push([details, text])
  }
  const plain = { debug: take, info: take, warn: take, error: take }
  expect(logOfProcess(plain, null)).toBe(plain)
  const log = logOfProcess(plain, PLACE)
  log.info({ topic: 'sales' }, 'read')
  log.error({}, 'lost')
  expect(lines).toEqual([
    [{ process: 2, topic: 'sales' }, 'read'],
    [{ process: 2 }, 'lost'],
  ])
})
