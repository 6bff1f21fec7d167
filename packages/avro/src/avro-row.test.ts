import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, expectTypeOf, test } from 'vitest'
import type { AvroRow } from './avro-row.ts'

const Purchase = {
  type: 'record',
  name: 'Purchase',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'exact', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
    { name: 'before', type: ['null', 'State'] },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'parts', type: { type: 'map', values: ['null', 'double'] } },
    { name: 'any', type: ['null', 'int', 'string'] },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
    {
      name: 'place',
      type: { type: 'record', name: 'Place', fields: [{ name: 'zip', type: 'string' }] },
    },
  ],
} as const

test('a literal gives the row type', () => {
  expectTypeOf<AvroRow<typeof Purchase>>().toEqualTypeOf<{
    id: bigint
    at: number
    exact: bigint
    price: string
    note: string | null
    state: 'NEW' | 'PAID'
    before: 'NEW' | 'PAID' | null
    tags: string[]
    parts: { [key: string]: number | null }
    any: unknown
    hash: Uint8Array
    place: { zip: string }
  }>()
})

/** Of a literal of 100 fields, less those of an empty program. */
const INSTANTIATIONS_MAX = 5_000

function instantiations(program: string): number {
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.types-'))
  try {
    writeFileSync(join(folder, 'a.ts'), program)
    const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
    const args = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext']
    const more = ['--target', 'es2023', '--types', '', '--ignoreConfig']
    const tsc = join(dirname(typescript), 'bin/tsc')
    const out = execFileSync(
      process.execPath,
      [
        tsc,
        ...args,
        ...more,
        '--extendedDiagnostics',
        '--allowImportingTsExtensions',
        join(folder, 'a.ts'),
      ],
      { encoding: 'utf8' },
    )
    return Number(/Instantiations:\s+(\d+)/.exec(out)?.[1])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a literal of 100 fields stays within its budget of type instantiations', () => {
  const types = ['"long"', '["null", "string"]', '{ type: "array", items: "double" }']
  const fields = Array.from({ length: 100 }, (_, i) => `{ name: "f${i}", type: ${types[i % 3]} }`)
  const row = join(import.meta.dirname, 'avro-row.ts')
  const program = `import type { AvroRow } from ${JSON.stringify(row)}
    const S = { type: 'record', name: 'R', fields: [${fields}] } as const
    export const row: AvroRow<typeof S> = null as never
    export const [a, b, c]: [bigint, string | null, number[]] = [row.f0, row.f1, row.f2]`
  const cost = instantiations(program) - instantiations('export const a = 1')
  console.log(`100 fields: ${cost} instantiations`)
  expect(cost).toBeGreaterThan(100)
  expect(cost).toBeLessThan(INSTANTIATIONS_MAX)
  const wrong = program.replace('row.f0, ', 'row.g0, ')
  expect(() => instantiations(wrong)).toThrow()
}, 60_000)
