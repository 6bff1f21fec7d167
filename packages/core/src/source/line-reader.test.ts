import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LineReader, linesBetween } from './line-reader.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-lines-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function lines(
  text: string,
  position = 0,
  lineBytesMax = 1_000_000,
  isQuoted = false,
): Promise<{ readonly text: string; readonly next: number }[]> {
  const path = join(folder, 'lines')
  await writeFile(path, text)
  const file = await open(path)
  const reader = new LineReader(file, position, { lineBytesMax, isQuoted })
  const read: { text: string; next: number }[] = []
  for (;;) {
    const line = reader.peek()
    if (line === 'too long') {
      read.push({ text: 'too long', next: reader.position })
      break
    }
    if (line !== undefined) {
      read.push({ text: line.bytes.toString(), next: line.nextPosition })
      reader.skip(line)
    } else if (!(await reader.fill()) && reader.isEnd) break
  }
  await file.close()
  return read
}

test('gives the lines that split gives, whatever their sizes', async () => {
  const sizes = fc.array(fc.oneof(fc.nat(5), fc.integer({ min: 60_000, max: 140_000 })))
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async (lengths, endsWithNewline) => {
      const expected = lengths.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length))
      const text = expected.join('\n') + (endsWithNewline ? '\n' : '')
      const read = await lines(text)
      const split = text.split('\n')
      if (split.at(-1) === '') split.pop()
      expect(read.map(line => line.text)).toEqual(split)
      expect(read.at(-1)?.next ?? 0).toBe(text.length)
    }),
    { numRuns: 25 },
  )
})

test('goes on at each position it gave', async () => {
  const text = 'one\ntwo\n\nfour'
  const read = await lines(text)
  expect(read.map(line => line.next)).toEqual([4, 8, 9, 13])
  for (const [i, { next }] of read.entries()) {
    expect(await lines(text, next)).toEqual(read.slice(i + 1))
  }
})

test('takes lines up to the bound and no longer ones', async () => {
  const bound = 100_000
  const fits = 'x'.repeat(bound)
  expect((await lines(`${fits}\n${fits}`, 0, bound)).map(line => line.text)).toEqual([fits, fits])
  for (const text of [`${fits}x\n`, `${fits}x`, 'x'.repeat(1_000_000)]) {
    expect(await lines(`a\n${text}`, 0, bound)).toEqual([
      { text: 'a', next: 2 },
      { text: 'too long', next: 2 },
    ])
  }
})

test('a newline between quotes is part of the line', async () => {
  const text = async (of: string) => (await lines(of, 0, 1_000_000, true)).map(line => line.text)
  expect(await text('a,"b\nc"\n"d""\n",e\n\n"f')).toEqual(['a,"b\nc"', '"d""\n",e', '', '"f'])
  const long = `"${'x\n'.repeat(70_000)}"`
  expect(await text(`${long}\n${long}\ny`)).toEqual([long, long, 'y'])
  const bounded = await lines(`a\n"${'x\n'.repeat(100)}"\n`, 0, 50, true)
  expect(bounded.map(line => line.text)).toEqual(['a', 'too long'])
  expect(await lines(`a\n"${'x\n'.repeat(70_000)}`, 0, 100_000, true)).toHaveLength(2)
})

test('counts the lines before a position', async () => {
  const path = join(folder, 'counted')
  await writeFile(path, 'a\n'.repeat(100_000))
  const file = await open(path)
  for (const position of [0, 1, 2, 3, 150_000, 200_000, 999_999]) {
    const expected = Math.floor(Math.min(position, 200_000) / 2)
    expect(await linesBetween(file, 0, position)).toBe(expected)
  }
  expect(await linesBetween(file, 3, 9)).toBe(3)
  await file.close()
})
