import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { deadLetterInfo } from '../record/format/dead-letter-headers.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { plainRecord } from '../transport/plain-record.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { FailureLog } from './failure-log.ts'
import { SILENT } from './logger.ts'

const dead: ErrorPolicy = { kind: 'dead-letter', topic: { name: 'dead', create: null } }
const record = () => ({
  key: Buffer.from('k'),
  value: Buffer.from('not json'),
  timestamp: 7,
  headers: [{ name: 'tenant', value: null }],
})

function setUp(application: string | null = 'shop') {
  const lines: [object, string][] = []
  const clock = new ManualClock()
  const logger = { ...SILENT, warn: (details: object, text: string) => lines.push([details, text]) }
  const failures = new FailureLog(logger, clock, application)
  const log = {
    record: (error: MillraceError, policy: ErrorPolicy) => failures.record(error, policy, record),
  }
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

test('a dead letter is the record as it was, with what happened behind its own headers', () => {
  const { log, lines } = setUp()
  const letter = log.record(error('map#1', 5), dead) as OutgoingRecords
  expect([letter.topic, letter.partitions, letter.count]).toEqual(['dead', null, 1])
  const { headers, ...rest } = plainRecord(letter, 0)
  const { headers: own, ...whole } = record()
  expect(rest).toEqual(whole)
  expect(headers.slice(0, 1)).toEqual(own)
  expect(deadLetterInfo(headers)).toEqual({
    application: 'shop',
    code: 'FUNCTION_FAILED',
    message: 'no.',
    step: 'map#1',
    topic: 'in',
    partition: 1,
    offset: 5,
    field: null,
  })
  expect(lines).toEqual([
    [
      expect.objectContaining({ code: 'FUNCTION_FAILED', offset: 5, deadLettered: 1 }),
      expect.stringContaining('record written to dead-letter topic dead: FUNCTION_FAILED: no.'),
    ],
  ])
})

test('a run that writes nothing skips instead', () => {
  const { log, lines } = setUp(null)
  expect(log.record(error('map#1', 5), dead)).toBe(null)
  expect(lines).toMatchObject([[{ skipped: 1 }, expect.stringContaining('record skipped')]])
})
