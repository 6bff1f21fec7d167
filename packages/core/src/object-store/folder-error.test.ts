import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { codeOf, storeError } from './folder-error.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, write`), { code })
}

test.each([
  ['ENOSPC', 'The disk is full. Make room there'],
  ['EDQUOT', 'quota'],
  ['EROFS', 'read-only'],
  ['EACCES', 'Give it the right'],
  ['EMFILE', 'ulimit -n'],
  ['ENOTDIR', 'A file is where a folder is needed'],
  ['EWHATEVER', 'Check the folder and its disk'],
])('%s says what to do', (code, words) => {
  const error = storeError(systemError(code), 'write a.csv', '/data/out')
  expect(error.code).toBe('OBJECT_STORE_FAILED')
  expect(error.message).toContain(`cannot write a.csv in /data/out: ${code}`)
  expect(error.message).toContain(words)
})

test('an error of Millrace stays what it is', () => {
  const error = new MillraceError('OBJECT_MISSING', 'gone')
  expect(storeError(error, 'rename a', '/data')).toBe(error)
})

test('finds the code of a system error', () => {
  expect(codeOf(systemError('EIO'))).toBe('EIO')
  expect(codeOf(new Error('none'))).toBe('')
  expect(codeOf('EIO')).toBe('')
})
