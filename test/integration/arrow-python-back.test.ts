/**
 * Files of any schema that pyarrow, polars and DuckDB write, as we read them.
 *
 * The program that writes them says what is in them, so what is expected comes from no reader.
 * Skipped by name where there is no Python with them; a failure under CI.
 */
import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual, promisify } from 'node:util'
import { fromArrow, fromParquet } from '@millrace/arrow'
import { Application } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ARROW_READERS } from '../../scripts/services/python.mjs'
import { pythonOrNull } from './python-or-null.ts'

/** Six of ten are pyarrow's. */
const CASES = 850
/** For a machine that is busy. */
const TIMEOUT_MS = 400_000
const SEED = 20_261_126
const PROGRAM = new URL('python/write_arrow.py', import.meta.url).pathname

const python = await pythonOrNull(ARROW_READERS)

interface Case {
  readonly file: string
  readonly writer: string
  readonly traits: readonly string[]
  /** Name, the type that was written, the kind of the column read. */
  readonly columns: readonly (readonly [string, string, string])[]
  readonly cells: readonly (readonly unknown[])[]
  readonly count: number
}

/** A cell in the form of the program. */
function form(cell: unknown): unknown {
  if (typeof cell === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(cell)
    return { n: Number.isNaN(cell) ? 'nan' : bytes.toString('hex') }
  }
  if (typeof cell === 'bigint') return { i: String(cell) }
  if (cell instanceof Uint8Array) return { b: Buffer.from(cell).toString('hex') }
  if (Array.isArray(cell)) return cell.map(form)
  if (typeof cell !== 'object' || cell === null) return cell
  return { o: Object.entries(cell).map(([name, value]) => [name, form(value)]) }
}

/** What is wrong with the rows read; null when nothing is. */
async function faultOf({ file, columns, cells, count }: Case, folder: string): Promise<unknown> {
  const open = file.endsWith('.parquet') ? fromParquet : fromArrow
  const source = await open(join(folder, file))
  const kinds = source.schema.fields.map(({ name, type }) => `${name} ${type.kind}`)
  const wanted = columns.map(([name, , kind]) => `${name} ${kind}`)
  if (!isDeepStrictEqual(kinds, wanted)) return `${kinds} is not ${wanted}`
  const rows = await new Application({ id: 'back' }).dataframe(source).collect()
  if (rows.length !== count) return `${rows.length} of ${count} rows`
  for (const [c, [name]] of columns.entries()) {
    const found = rows.map(row => form(row[name]))
    const at = found.findIndex((cell, i) => !isDeepStrictEqual(cell, cells[c]?.[i]))
    if (at >= 0) {
      return `${columns[c]} in row ${at}: ${JSON.stringify(found[at])} is not ${JSON.stringify(cells[c]?.[at])}`
    }
  }
  return null
}

describe.skipIf(python === null)('with Python', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-arrow-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test(
    'what pyarrow, polars and DuckDB write is what we read',
    async () => {
      await promisify(execFile)(python as string, [PROGRAM, folder, `${CASES}`, `${SEED}`])
      const covered = new Map<string, number>()
      const faults: string[] = []
      let count = 0
      for await (const line of createInterface(createReadStream(join(folder, 'cases.jsonl')))) {
        const written: Case = JSON.parse(line)
        const fault = await faultOf(written, folder).catch((error: Error) => error.message)
        const { writer, traits, columns } = written
        if (fault !== null) faults.push(`${written.file}, ${writer}, ${traits}: ${fault}`)
        count++
        for (const trait of [
          writer,
          ...traits,
          ...columns.map(([, type]) => type.replace(/<.*/, '')),
        ]) {
          covered.set(trait, (covered.get(trait) ?? 0) + 1)
        }
      }
      console.log(`${count} files read, with`, Object.fromEntries([...covered].sort()))
      expect(faults.slice(0, 10)).toEqual([])
      expect(count).toBe(CASES)
    },
    TIMEOUT_MS,
  )
})
