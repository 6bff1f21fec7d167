import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkBefore, linePosition, parseLinePosition } from './line-position.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-line-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function withFile<T>(text: string, act: (file: never) => Promise<T>): Promise<T> {
  const path = join(folder, 'lines')
  writeFileSync(path, text)
  const handle = await open(path)
  try {
    return await act(handle as never)
  } finally {
    await handle.close()
  }
}

test('a position comes back', async () => {
  const text = await withFile('one\ntwo\n', file => linePosition(file, 4))
  expect(text).toMatch(/^4\.[0-9a-f]{8}$/)
  const { byte, check } = parseLinePosition(text, 'x')
  expect([byte, check]).toEqual([4, text.slice(2)])
  expect(await withFile('one\n', file => linePosition(file, 0))).toBe('0')
  const beginning = { byte: 0, check: null }
  expect([null, '0'].map(each => parseLinePosition(each, 'x'))).toEqual([beginning, beginning])
})

test('a check is that of the bytes right before, and of no others', async () => {
  const of = (text: string, byte: number) => withFile(text, file => checkBefore(file, byte))
  const long = 'x'.repeat(1_000)
  expect(await of('one\ntwo\n', 4)).toBe(await of('one\nother\n', 4))
  expect(await of('one\n', 4)).not.toBe(await of('two\n', 4))
  expect(await of(`a${long}`, 1_001)).toBe(await of(`b${long}`, 1_001))
  expect(await of(`${long}a`, 1_001)).not.toBe(await of(`${long}b`, 1_001))
})

test.each(['7', '-1.00000000', '4.0', '04.00000000', '4.00000000 ', 'a.arrow', ''])(
  '%j is no position',
  text => {
    expect(() => parseLinePosition(text, 'rows.csv')).toThrow(/FORMAT_UNKNOWN: rows.csv: expected/)
  },
)
