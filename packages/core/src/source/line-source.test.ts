import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../schema/refusal.ts'
import { LineReader } from './line-reader.ts'
import { LineSource, lineText, openFile } from './line-source.ts'
import { RowFault } from './source-row.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-line-source-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Lines of `bad` are refused, of `none` have no record. */
async function opened(text: string, position: string | null = null): Promise<LineSource> {
  const file = join(folder, 'lines')
  await writeFile(file, text)
  const { handle, byte } = await openFile(file, position)
  const lines = new LineReader(handle, byte, { lineBytesMax: 1_000 })
  const recordOf = (line: string) => {
    if (line === 'bad') return new RowFault(new Refusal('DECODE_FAILED', 'better', line))
    return line === 'none' ? null : { value: { line } }
  }
  return new LineSource({ file, handle, lines, hint: 'look', recordOf })
}

test('bad lines are refused one by one until they are passed, with their numbers', async () => {
  const source = await opened('a\nbad\nnone\nbad\nb\nbad')
  const seen: string[] = []
  for (;;) {
    try {
      const { records, isEnd } = await source.read(10)
      seen.push(...records.map(({ value }) => String(value['line'])))
      if (isEnd) break
    } catch (error) {
      seen.push(String(error).match(/line \d/)?.[0] ?? String(error))
      expect(String(await source.skipBad())).toBe('bad')
      // Only what was refused is passed.
      expect(await source.skipBad()).toBe(null)
    }
  }
  expect(seen).toEqual(['a', 'line 2', 'line 4', 'b', 'line 6'])
  await source.close()
  await source.close()
})

test('the text of a line is without its return and the mark of the file', () => {
  expect(lineText(Buffer.from('\ufeffa\r'), true)).toBe('a')
  expect(lineText(Buffer.from('\ufeffa\r'), false)).toBe('\ufeffa')
  expect(lineText(Buffer.from('\r'), false)).toBe('')
  expect(lineText(Buffer.alloc(0), true)).toBe('')
  expect(lineText(Buffer.of(0xff), true)).toBeInstanceOf(Refusal)
})

test('a file that has grown is gone on with; one that was changed before there is refused', async () => {
  const source = await opened('one\ntwo\n')
  const { position } = await source.read(1)
  await source.close()
  const grown = await opened('one\nother\nthree\n', position)
  const { records } = await grown.read(10)
  await grown.close()
  expect(records.map(({ value }) => value['line'])).toEqual(['other', 'three'])
  const text = 'SOURCE_FAILED: cannot go on at byte 4 of .*lines, which has'
  await expect(opened('new\ntwo\n', position)).rejects.toThrow(new RegExp(`${text} other bytes`))
  await expect(opened('one', position)).rejects.toThrow(new RegExp(`${text} 3 bytes`))
})
