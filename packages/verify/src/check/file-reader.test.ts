import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fileLines } from './file-reader.ts'

async function lines(folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const line of fileLines(folder)) found.push(line)
  return found
}

test('visible files are read by task, epoch and number', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('task-0-1-epoch-0000000009-10.jsonl', 'c\n')
  write('task-0-1-epoch-0000000009-9.jsonl', 'a\nb\n')
  write('task-0-0-epoch-0000000012-0.jsonl', 'first\n')
  write('.task-0-0.abc.1.staged', 'staged\n')
  expect(await lines(folder)).toEqual(['first', 'a', 'b', 'c'])
})

test('a folder that is not there has no lines', async () => {
  expect(await lines(join(tmpdir(), 'verify-no-such-folder'))).toEqual([])
})
