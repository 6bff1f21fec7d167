import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ResultsFile } from './results-file.ts'

const RUN = { records: 100, seconds: 2, cpuSeconds: 1, rssBytesMax: 5 }
const CHECKSUM = { rows: 3, sum: '00ff' }
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'))
  path = join(folder, 'deep', 'results.json')
})

test('a matrix that was stopped finds what it had measured', () => {
  const before = new ResultsFile(path, 'abc')
  before.addRun('read', 'quix', RUN)
  before.addRun('read', 'quix', { ...RUN, seconds: 3 })
  before.setChecksum('read', 'quix', CHECKSUM)
  const after = new ResultsFile(path, 'abc')
  expect(after.runs('read', 'quix').map(({ seconds }) => seconds)).toEqual([2, 3])
  expect(after.checksum('read', 'quix')).toEqual(CHECKSUM)
  expect(after.runs('read', 'millrace')).toEqual([])
  expect(readdirSync(join(folder, 'deep'))).toEqual(['results.json'])
})

test('nothing is taken over from another commit', () => {
  new ResultsFile(path, 'abc').addRun('read', 'quix', RUN)
  expect(new ResultsFile(path, 'def').runs('read', 'quix')).toEqual([])
})

test('a file that is no JSON is begun anew', () => {
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{"runs":')
  const results = new ResultsFile(broken, 'abc')
  results.addRun('read', 'quix', RUN)
  expect(new ResultsFile(broken, 'abc').runs('read', 'quix')).toEqual([RUN])
})
