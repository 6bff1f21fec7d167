import { MillraceError } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { isLocked, stateError } from './state-error.ts'

const HELD = [
  'IO error: While lock file: /s/LOCK: Resource temporarily unavailable',
  'IO error: lock hold by current process, acquire time 1 acquiring thread 2: /s/LOCK: No locks available',
  'IO error: Failed to create lock file: /s/LOCK: The process cannot access the file',
]

/** An error as classic-level gives it. */
function levelError(message: string, code: string): Error {
  const cause = Object.assign(new Error(message), { code })
  const options = { cause }
  return Object.assign(new Error('Database failed to open', options), {
    code: 'LEVEL_DATABASE_NOT_OPEN',
  })
}

describe('a database that somebody has open', () => {
  test.each(HELD)('%s', message => expect(isLocked(new Error(message))).toBe(true))

  test('in words of classic-level', () => {
    const message = 'IO error: lock /s/LOCK: Resource temporarily unavailable'
    expect(isLocked(levelError(message, 'LEVEL_LOCKED'))).toBe(true)
  })

  test('is told from one that can not be locked at all', () => {
    const message = 'IO error: While lock file: /s/LOCK: No locks available'
    expect(isLocked(new Error(message))).toBe(false)
    expect(
      isLocked(new Error('IO error: while open a file for lock: /s/LOCK: Permission denied')),
    ).toBe(false)
  })
})

describe('what went wrong is told', () => {
  const CASES: readonly [message: string, code: string, text: string][] = [
    [
      'IO error: No space left on deviceWhile appending',
      'STATE_UNUSABLE',
      'the disk of /s is full',
    ],
    ['IO error: While open: Read-only file system', 'STATE_UNUSABLE', "/s can't be written"],
    ["EACCES: permission denied, mkdir '/s'", 'STATE_UNUSABLE', "/s can't be written"],
    ["ENOENT: no such file or directory, mkdir '/s'", 'STATE_UNUSABLE', "/s can't be written"],
    ["ENOTDIR: not a directory, mkdir '/s'", 'STATE_UNUSABLE', 'a file is in its way'],
    ['IO error: 000005.sst: Too many open files', 'STATE_UNUSABLE', 'too many files are open'],
    ['IO error: something else', 'STATE_UNUSABLE', "state can't be kept in /s"],
    ['Corruption: bad block', 'STATE_CORRUPT', 'the state in /s is damaged'],
    ['IO error: /s/000005.ldb: Invalid argument', 'STATE_CORRUPT', 'the state in /s is damaged'],
    ['IO error: /s/MANIFEST-000004: No such file or directory', 'STATE_CORRUPT', 'is damaged'],
  ]
  test.each(CASES)('%s', (message, code, text) => {
    const error = stateError(new Error(message), '/s')
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(text)])
    expect(error.message).toContain(`The system says: ${message}`)
  })

  test('behind another error, too', () => {
    const error = stateError(levelError('Corruption: 1 missing files', 'LEVEL_CORRUPTION'), '/s')
    expect(error.code).toBe('STATE_CORRUPT')
    expect(error.message).toContain('Corruption: 1 missing files (LEVEL_CORRUPTION)')
  })

  test('an error of ours stays as it is', () => {
    const error = new MillraceError('FORMAT_UNKNOWN', 'another form.')
    expect(stateError(error, '/s')).toBe(error)
  })
})
