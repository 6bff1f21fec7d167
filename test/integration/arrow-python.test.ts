/**
 * Files of any schema, as pyarrow, polars and DuckDB read them; and files that they write, as we do.
 *
 * Skipped by name where there is no Python with them; a failure under CI.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  arrowFile,
  arrowStream,
  fromArrow,
  fromParquet,
  parquet,
  serveArrow,
} from '@millrace/arrow'
import {
  Application,
  type CellValue,
  cellText,
  type DataType,
  type FileFormat,
  json,
  type Row,
  type Schema,
  schema,
  t,
} from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indicesOf, randomBatch } from '../../packages/arrow/test/random-batch.ts'
import { ARROW_READERS } from '../../scripts/services/python.mjs'
import { pythonOrNull } from './python-or-null.ts'

const CASES = 510
const SEED = 20_260_801
const PROGRAMS = new URL('python/', import.meta.url).pathname

const python = await pythonOrNull(ARROW_READERS)

async function run(program: string, ...args: string[]): Promise<string> {
  const options = { maxBuffer: 1 << 28, timeout: 110_000 }
  const path = join(PROGRAMS, program)
  const { stdout } = await promisify(execFile)(python as string, [path, ...args], options)
  return stdout
}

/** A cell in JSON, so that Python can tell exactly what it must be. */
function form(type: DataType, cell: CellValue): unknown {
  const { kind } = type
  if (cell === null) return null
  if (kind === 'list') return (cell as CellValue[]).map(each => form(type.item as DataType, each))
  if (kind === 'struct') {
    const parts = cell as Readonly<Record<string, CellValue>>
    return type.fields.map(({ name, type: of }) => [name, form(of, parts[name] as CellValue)])
  }
  if (kind === 'bytes') return Buffer.from(cell as Uint8Array).toString('hex')
  if (kind === 'int64' || kind === 'timestamp') return String(cell)
  if (kind === 'json') return cellText(t.json(), cell, 'cell')
  if (kind !== 'float64') return cell
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(cell as number)
  return Number.isNaN(cell) ? 'nan' : bytes.toString('hex')
}

const formsOf = ({ fields }: Schema, rows: readonly Row[]): unknown[][] =>
  rows.map(row => fields.map(({ name, type }) => form(type, row[name] as CellValue)))

/** For the form of what is in lists and structs: kinds, and what they are of. */
function typeText({ kind, item, fields }: DataType): unknown {
  if (item !== undefined) return [kind, typeText(item)]
  return [kind, fields.map(({ name, type }) => [name, typeText(type)])]
}

const FORMATS: readonly [string, (texts: string[]) => FileFormat][] = [
  ['file', () => arrowFile()],
  ['file', dictionary => arrowFile({ dictionary, compression: 'lz4' })],
  ['stream', dictionary => arrowStream({ dictionary })],
  ['parquet', () => parquet({ rowGroupRowsMax: 16 })],
  ['parquet', dictionary => parquet({ dictionary, compression: 'zstd' })],
]

describe.skipIf(python === null)('with Python', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-arrow-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('pyarrow, polars and DuckDB read every file that we write, and we read it back', async () => {
    const samples = fc.sample(randomBatch(), { numRuns: CASES, seed: SEED })
    const covered = new Map<string, number>()
    const cases: string[] = []
    for (const [i, { batch, rows }] of samples.entries()) {
      const { schema } = batch
      const texts = schema.fields.filter(({ type }) => type.kind === 'string').map(f => f.name)
      const [kind, make] = FORMATS[i % FORMATS.length] as (typeof FORMATS)[number]
      const writer = make(texts).writer(schema)
      if ('row' in writer) throw new Error('it fills whole files')
      const indices = indicesOf(batch)
      const range = { from: 0, to: indices.length, bytesMax: 1e9 }
      if (indices.length > 0) writer.write(batch, indices, range)
      await writeFile(join(folder, `${i}.data`), writer.end())
      const columns = schema.fields.map(({ name, type }) => [name, type.kind, typeText(type)])
      cases.push(JSON.stringify({ file: `${i}.data`, kind, columns, rows: formsOf(schema, rows) }))
      for (const trait of traitsOf(schema, rows)) covered.set(trait, (covered.get(trait) ?? 0) + 1)
    }
    await writeFile(join(folder, 'cases.jsonl'), cases.join('\n'))
    const { counts, faults, faultCount } = JSON.parse(await run('read_arrow.py', folder))
    console.log('files read', counts)
    console.log('files with', Object.fromEntries([...covered].sort()))
    expect(faults).toEqual([])
    expect(faultCount).toBe(0)
    for (const [i, { batch, rows }] of samples.entries()) {
      const { schema } = batch
      const [kind] = FORMATS[i % FORMATS.length] as (typeof FORMATS)[number]
      const back = join(folder, `${i}.back.`)
      const source =
        kind === 'parquet'
          ? await fromArrow(`${back}arrow`, { schema })
          : await fromParquet(`${back}parquet`, { schema })
      const found = (await new Application({ id: 'back' }).dataframe(source).collect()) as Row[]
      expect(formsOf(schema, found), `${i}, ${schema}`).toEqual(formsOf(schema, rows))
    }
    const total = Object.values(counts as Record<string, number>).reduce((a, b) => a + b, 0)
    expect(total).toBe(3 * CASES)
  })

  test('scikit-learn gets its matrix from a running pipeline', async () => {
    const Flight = schema({ distance: t.float64(), delay: t.float64() })
    const rows = Array.from({ length: 500 }, (_, i) => ({ distance: i, delay: 2 * i + 1 }))
    const driver = new TestDriver()
    const app = new Application({ id: 'served', ...driver.options })
    const topic = app.topic('flights', { value: json(Flight) })
    const served = await serveArrow(app.dataframe(topic))
    await driver.start(app)
    await driver.feed(
      topic,
      rows.map(value => ({ value })),
    )
    await driver.advance('5s')
    const found = JSON.parse(await run('train.py', served.url))
    expect(found).toEqual({ rows: 500, slope: 2 })
    await driver.stop()
    await served.close()
  })
})

/** What a file has in it, for the table of what was covered. */
function traitsOf({ fields }: Schema, rows: readonly Row[]): Set<string> {
  const traits = new Set<string>()
  if (rows.length === 0) traits.add('no rows')
  for (const { name, type } of fields) {
    traits.add(type.kind)
    const cells = rows.map(row => row[name])
    if (cells.some(cell => cell === null)) traits.add('nulls')
    if (cells.length > 0 && cells.every(cell => cell === null)) traits.add('only nulls')
    if (cells.some(cell => cell === '' || (cell instanceof Uint8Array && cell.length === 0))) {
      traits.add('empty cells')
    }
    if (cells.some(cell => Number.isNaN(cell) || cell === Infinity)) traits.add('NaN, Infinity')
    if (cells.some(cell => typeof cell === 'bigint' && cell >= 2n ** 62n)) traits.add('large int64')
  }
  return traits
}
