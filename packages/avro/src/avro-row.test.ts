import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { DecimalText, Serde } from '@millrace/core'
import { expect, expectTypeOf, test } from 'vitest'
import { avro } from './avro.ts'
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
    price: DecimalText
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

type RowIn<S> = S extends Serde<infer Row> ? Row : never

test('longs and times are as the form says', () => {
  type Whole = AvroRow<typeof Purchase, { long: 'number'; time: 'milliseconds' }>
  expectTypeOf<Whole['id']>().toEqualTypeOf<number>()
  expectTypeOf<Whole['exact']>().toEqualTypeOf<number>()
  expectTypeOf<
    AvroRow<typeof Purchase, { time: 'milliseconds' }>['exact']
  >().toEqualTypeOf<number>()
  expectTypeOf<AvroRow<typeof Purchase, { long: 'number' }>['exact']>().toEqualTypeOf<number>()
})

test('a serde has the rows of its literal, and any rows where the type does not tell', () => {
  const literal = avro(Purchase)
  expectTypeOf(literal).toEqualTypeOf<Serde<AvroRow<typeof Purchase>>>()
  const inline = avro({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'long' }] })
  expectTypeOf(inline).toEqualTypeOf<Serde<{ a: bigint }>>()
  expectTypeOf(avro('string')).toEqualTypeOf<Serde<{ value: string }>>()
  expectTypeOf<RowIn<typeof text>>().toBeAny()
  const text = avro(JSON.stringify(Purchase))
  const parsed = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'long' }] }
  const open = avro(parsed)
  expectTypeOf<RowIn<typeof open>>().toBeAny()
  const read = avro(Purchase, {
    readerSchema: { type: 'record', name: 'Purchase', fields: [{ name: 'id', type: 'long' }] },
    long: 'number',
  })
  expectTypeOf(read).toEqualTypeOf<Serde<{ id: number }>>()
  const registry = 'http://localhost:1'
  expectTypeOf(avro({ registry, schema: Purchase })).toEqualTypeOf<
    Serde<AvroRow<typeof Purchase>>
  >()
  expectTypeOf(avro({ registry, readerSchema: 'long' })).toEqualTypeOf<Serde<{ value: bigint }>>()
})

/** Of a literal of 100 fields, less those of one field: the row, its columns, a topic, a where. */
const INSTANTIATIONS_MAX = 10_000

function instantiations(program: string): number {
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.types-'))
  try {
    writeFileSync(join(folder, 'a.ts'), program)
    const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
    const args = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext']
    const more = ['--target', 'es2023', '--types', 'node', '--ignoreConfig']
    const sources = ['--customConditions', '@millrace/source']
    const tsc = join(dirname(typescript), 'bin/tsc')
    const out = execFileSync(
      process.execPath,
      [
        tsc,
        ...args,
        ...more,
        ...sources,
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

const TYPES = ['"long"', '["null", "string"]', '{ type: "array", items: "double" }']

/** A pipeline over a literal of so many fields. */
function pipelineOf(count: number): string {
  const fields = Array.from({ length: count }, (_, i) => `{ name: "f${i}", type: ${TYPES[i % 3]} }`)
  const serde = JSON.stringify(join(import.meta.dirname, 'avro.ts'))
  return `import { Application, type Serde } from '@millrace/core'
    import { avro } from ${serde}
    const S = { type: 'record', name: 'R', fields: [${fields}] } as const
    const app = new Application({ id: 'a' })
    const frame = app.dataframe(app.topic('t', { value: avro(S) }))
    const kept = frame.where(c => c.f0.gt(5n)).filter(row => row.f0 > 6n)
    export const rows: Promise<bigint[]> = kept.collect().then(all => all.map(row => row.f0))`
}

test('columns of 100 fields stay within their budget, and wrong ones do not compile', () => {
  const whole = pipelineOf(100)
  const cost = instantiations(whole) - instantiations(pipelineOf(1))
  console.log(`100 fields: ${cost} instantiations more than one`)
  expect(cost).toBeGreaterThan(100)
  expect(cost).toBeLessThan(INSTANTIATIONS_MAX)
  for (const [right, wrong] of [
    ['c.f0.gt(5n)', 'c.g0.gt(5n)'],
    ['c.f0.gt(5n)', "c.f0.gt('5')"],
    ['row.f0 > 6n', 'row.g0 > 6n'],
    ['row => row.f0)', 'row => row.f1)'],
  ] as const) {
    expect(whole).toContain(right)
    expect(() => instantiations(whole.replace(right, wrong)), wrong).toThrow()
  }
}, 240_000)
