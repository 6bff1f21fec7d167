import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS } from './settings-table.ts'

const manifest = createRequire(import.meta.url).resolve(
  '@confluentinc/kafka-javascript/package.json',
)
const page = join(dirname(manifest), 'deps/librdkafka/CONFIGURATION.md')

test.runIf(existsSync(page))('every setting that librdkafka documents is classified', () => {
  const rows = readFileSync(page, 'utf8').split('\n')
  const names = rows.flatMap(row => /^([a-z][\w.]+) +\|/.exec(row)?.[1] ?? [])
  expect(names.length).toBeGreaterThan(150)
  expect(names.filter(name => !SETTINGS.has(name))).toEqual([])
})

test('what looks like a secret is one', () => {
  const shown = [...SETTINGS].filter(
    ([name, rule]) => /password|secret|key\.pem|passphrase/.test(name) && 'use' in rule,
  )
  expect(shown.length).toBeGreaterThan(4)
  expect(shown.filter(([, rule]) => 'isSecret' in rule && !rule.isSecret)).toEqual([])
})
