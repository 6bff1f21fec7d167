import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedRegistry, embeddedRegistry } from '../registry/embedded-registry.ts'
import { registry } from '../registry/registry.ts'
import { runCommand } from './run-command.ts'

const ORDER =
  '{"type":"record","name":"Order","namespace":"com.shop","fields":[{"name":"id","type":"string"}]}'
const ORDER_2 = ORDER.replace(']', ',{"name":"n","type":["null","long"],"default":null}]')

let embedded: EmbeddedRegistry
let folder: string

beforeEach(async () => {
  embedded = embeddedRegistry()
  await embedded.start()
  await registry(embedded.url).register('orders-value', ORDER)
  folder = mkdtempSync(join(tmpdir(), 'millrace-avro-pull-'))
})
afterEach(async () => {
  await embedded.close()
  rmSync(folder, { recursive: true })
})

async function command(args: readonly string[], environment: Record<string, string> = {}) {
  const said: string[] = []
  const add = (line: string) => said.push(line)
  const code = await runCommand(args, { environment, say: add, complain: add })
  return { code, text: said.join('\n') }
}

const pull = (...more: string[]) => [
  'avro',
  'pull',
  ...['--registry', embedded.url, '--subject', 'orders-value'],
  ...['--out', join(folder, 'deep/order.ts')],
  ...more,
]

test('a module is written, found equal, found to drift, and written again', async () => {
  const file = join(folder, 'deep/order.ts')
  expect((await command(pull('--check'))).code).toBe(1)
  expect(existsSync(file)).toBe(false)
  expect(await command(pull())).toEqual({
    code: 0,
    text: `${file} is now version 1 of orders-value`,
  })
  expect(readFileSync(file, 'utf8')).toMatchInlineSnapshot(`
    "// Written by \`millrace avro pull\` from "orders-value, version 1": do not edit it, pull it again.

    export const Order = {
      type: 'record',
      name: 'Order',
      namespace: 'com.shop',
      fields: [{ name: 'id', type: 'string' }],
    } as const
    "
  `)
  expect((await command(pull('--check'))).code).toBe(0)
  await registry(embedded.url).register('orders-value', ORDER_2)
  expect(await command(pull('--check'))).toEqual({
    code: 1,
    text: `${file} is not version 2 of orders-value: pull it again, without --check`,
  })
  expect((await command(pull('--check', '--version', '1'))).code).toBe(0)
  expect((await command(pull())).code).toBe(0)
  writeFileSync(file, `${readFileSync(file, 'utf8')}// mine\n`)
  expect((await command(pull('--check'))).code).toBe(1)
})

test('what is wrong with a command is said, with how it is right', async () => {
  expect((await command(['--help'])).code).toBe(0)
  for (const args of [
    [],
    ['avro', 'push'],
    ['avro', 'pull'],
    pull('--version', 'x'),
    pull('--x'),
  ]) {
    const { code, text } = await command(args)
    expect(code).toBe(2)
    expect(text).toContain('millrace avro pull --registry URL')
  }
})

test('a subject that is missing, and no registry', async () => {
  const { code, text } = await command(pull('--version', '9'))
  expect({ code, isMissing: text.includes('SCHEMA_MISSING') }).toEqual({ code: 1, isMissing: true })
})

test('credentials come from the environment', async () => {
  const bad = await command(pull(), { MILLRACE_REGISTRY_BASIC: 'secret' })
  expect(bad.code).toBe(2)
  expect(bad.text).not.toContain('secret')
  expect((await command(pull(), { MILLRACE_REGISTRY_BASIC: 'ann:secret' })).code).toBe(0)
})
