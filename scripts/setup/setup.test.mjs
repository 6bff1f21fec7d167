import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../command.mjs'
import { pruneDist } from './build.mjs'
import { fingerprint, withoutNpm } from './dependencies.mjs'
import { isAtLeast } from './node-version.mjs'

test('compares versions of Node', () => {
  expect(isAtLeast('20.19.0', '20.19')).toBe(true)
  expect(isAtLeast('24.0.0', '20.19')).toBe(true)
  expect(isAtLeast('20.9.5', '20.19')).toBe(false)
  expect(isAtLeast('18.20.0', '20.19')).toBe(false)
})

test('the fingerprint changes with the lock file and with a package', () => {
  const root = mkdtempSync(join(tmpdir(), 'setup-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    cpSync(join(ROOT, file), join(root, file))
  }
  const before = fingerprint(root)
  expect(fingerprint(root)).toBe(before)
  mkdirSync(join(root, 'packages/new'), { recursive: true })
  writeFileSync(join(root, 'packages/new/package.json'), '{}')
  const withPackage = fingerprint(root)
  expect(withPackage).not.toBe(before)
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'changed')
  expect(fingerprint(root)).not.toBe(withPackage)
})

test('what was compiled from a file that is gone goes too', () => {
  const root = mkdtempSync(join(tmpdir(), 'setup-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'src'))
  mkdirSync(join(root, 'dist'))
  const dist = ['kept.js', 'kept.d.ts.map', 'src.tsbuildinfo', 'gone.js', 'gone.d.ts']
  for (const file of ['src/kept.ts', ...dist.map(name => `dist/${name}`)]) {
    writeFileSync(join(root, file), '')
  }
  pruneDist(root)
  expect(dist.filter(file => existsSync(join(root, 'dist', file)))).toEqual(dist.slice(0, 3))
})

test('pnpm gets what the user set for npm, and nothing that npm added', () => {
  const env = {
    PATH: '/bin',
    NODE_ENV: 'production',
    npm_lifecycle_event: 'setup',
    npm_config_prefix: '/usr',
    npm_config_noproxy: '',
    npm_config_registry: 'set by the user',
    npm_config_https_proxy: 'set by the user',
    'npm_config_@ours:registry': 'set by the user',
    npm_config_strict_ssl: 'set by the user',
  }
  expect(Object.keys(withoutNpm(env))).toEqual([
    'PATH',
    'npm_config_registry',
    'npm_config_https_proxy',
    'npm_config_@ours:registry',
    'npm_config_strict_ssl',
  ])
})
