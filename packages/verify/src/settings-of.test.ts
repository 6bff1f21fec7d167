import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsOf } from './settings-of.ts'
import { UsageError } from './world.ts'

function withFile<T>(text: string, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-settings-'))
  try {
    const file = join(folder, 'settings.json')
    writeFileSync(file, text)
    return use(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a broker that is named is taken before that of the file', () => {
  const text = '{"bootstrap.servers":"a:1","client.id":"x"}'
  withFile(text, file => {
    expect(settingsOf('b:2', file)).toEqual({ 'bootstrap.servers': 'b:2', 'client.id': 'x' })
    expect(settingsOf(undefined, file)).toMatchObject({ 'bootstrap.servers': 'a:1' })
  })
})

test('what is wrong with a file is said without what is in it', () => {
  withFile('["hunter2"', file => {
    expect(() => settingsOf('b:2', file)).toThrow(UsageError)
    expect(() => settingsOf('b:2', file)).not.toThrow('hunter2')
  })
})

test('somebody must say where a broker listens', () => {
  expect(() => settingsOf(undefined, undefined)).toThrow('say where a broker listens')
})
