import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { fail, skip } from '../record/error-policy.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { FailureLog } from './failure-log.ts'
import { SILENT } from './logger.ts'

function setUp() {
  const lines: [object, string][] = []
  const clock = new ManualClock()
  const log = new FailureLog(
    { ...SILENT, warn: (details, message) => lines.push([details, message]) },
    clock,
  )
  return { lines, clock, log }
}
const error = (step: string, offset: number) =>
  new MillraceError('FUNCTION_FAILED', 'no.', { step, topic: 'in', partition: 1, offset })

test('the policy that stops throws the very error, and logs nothing', () => {
  const { log, lines } = setUp()
  const thrown = error('map#1', 5)
  expect(() => log.record(thrown, fail())).toThrow(thrown)
  expect(lines).toEqual([])
})

test('the first skipped record is logged with its place', () => {
  const { log, lines } = setUp()
  log.record(error('map#1', 5), skip())
  const place = { step: 'map#1', topic: 'in', partition: 1, offset: 5 }
  expect(lines).toEqual([
    [{ code: 'FUNCTION_FAILED', ...place, skipped: 1 }, expect.stringContaining('offset 5')],
  ])
})

test('then a line in ten seconds a step, with how many were skipped since', async () => {
  const { log, lines, clock } = setUp()
  for (let offset = 0; offset < 4; offset++) log.record(error('map#1', offset), skip())
  log.record(error('map#2', 0), skip())
  expect(lines).toHaveLength(2)
  await clock.advance(9_999)
  log.record(error('map#1', 4), skip())
  expect(lines).toHaveLength(2)
  await clock.advance(1)
  log.record(error('map#1', 5), skip())
  expect(lines[2]?.[0]).toMatchObject({ offset: 5, skipped: 5 })
})
