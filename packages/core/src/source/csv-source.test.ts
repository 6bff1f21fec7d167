import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { testSource } from '../testing/conformance/source.ts'
import { fromCsv } from './csv-source.ts'
import type { Source, SourceRecord } from './source.ts'

const hooks = { describe, test, expect }
const Flight = schema({
  origin: t.string(),
  delay: t.int32().nullable(),
  at: t.timestamp(),
  note: t.string().nullable(),
})

let folder: string
let flights: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-csv-'))
  const lines = Array.from({ length: 50 }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1, n)).toISOString()
    return `ü${n % 3},${n % 4 === 0 ? '' : n},${at},"${'two\n'.repeat(n % 3)}"`
  })
  flights = await file('flights.csv', `origin,delay,at,note\n${lines.join('\n')}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function readAll(source: Source): Promise<readonly SourceRecord[]> {
  const reader = await source.open(0, null)
  try {
    return (await reader.read(100_000)).records
  } finally {
    await reader.close()
  }
}

const values = async (source: Source) => (await readAll(source)).map(({ value }) => value)

// The path is known only when the questions are asked.
const source = (options = {}) => fromCsv(flights ?? 'flights.csv', options)
testSource(hooks, () => source())
testSource(hooks, () => source({ schema: Flight, timestamp: 'at', key: 'origin' }))

test('gives checked rows with time and key', async () => {
  const records = await readAll(source({ schema: Flight, timestamp: 'at', key: 'origin' }))
  expect(records).toHaveLength(50)
  expect(records[2]).toEqual({
    value: { origin: 'ü2', delay: 2, at: Date.UTC(2026, 0, 1, 2), note: 'two\ntwo\n' },
    key: Buffer.from('ü2'),
    timestamp: Date.UTC(2026, 0, 1, 2),
  })
  expect(records[0]?.value).toMatchObject({ delay: null, note: '' })
})

test('cells of each type; an empty field is null, in a text column that has none empty', async () => {
  const All = schema({
    b: t.boolean().nullable(),
    l: t.int64().nullable(),
    f: t.float64().nullable(),
    s: t.timestamp({ unit: 's' }).nullable(),
    x: t.bytes().nullable(),
    j: t.json().nullable(),
    n: t.string().nullable(),
    r: t.string(),
  })
  const text =
    'b,l,f,s,x,j,n,r\ntrue,9007199254740993,-1.5e3,1.5,aGk=,"{""a"":[1]}",NA,NA\n,,,,,,,\n'
  const path = await file('types.csv', text)
  const [full, empty] = await values(fromCsv(path, { schema: All }))
  expect(full).toEqual({
    b: true,
    l: 9007199254740993n,
    f: -1500,
    s: 1500,
    x: Buffer.from('hi'),
    j: { a: [1] },
    n: 'NA',
    r: 'NA',
  })
  expect(empty).toEqual({ b: null, l: null, f: null, s: null, x: null, j: null, n: null, r: '' })
  const Nulls = schema({ n: t.string().nullable() })
  expect(await values(fromCsv(path, { schema: Nulls, nulls: ['NA'] }))).toEqual([
    { n: null },
    { n: null },
  ])
})

test('columns are found by name; others are left out, or are text without a schema', async () => {
  const path = await file('names.csv', '\ufeffc;"a";b\r\n1;"x;y";\r\n\r\n2;"";z')
  const A = schema({ a: t.string() })
  expect(await values(fromCsv(path, { schema: A, delimiter: ';' }))).toEqual([
    { a: 'x;y' },
    { a: '' },
  ])
  expect(await values(fromCsv(path, { delimiter: ';' }))).toEqual([
    { c: '1', a: 'x;y', b: null },
    { c: '2', a: '', b: 'z' },
  ])
  const bare = await file('bare.csv', '1,x\n2,y\n')
  const Both = schema({ n: t.int32(), a: t.string() })
  const rows = [
    { n: 1, a: 'x' },
    { n: 2, a: 'y' },
  ]
  expect(await values(fromCsv(bare, { schema: Both, header: false }))).toEqual(rows)
  expect(await values(fromCsv(bare, { schema: Both, header: ['n', 'a'] }))).toEqual(rows)
})

test('a file of one column may have empty lines, an empty file has no rows', async () => {
  const One = schema({ a: t.string().nullable() })
  const path = await file('one.csv', 'a\nx\n\n""\n')
  expect(await values(fromCsv(path, { schema: One }))).toEqual([{ a: 'x' }, { a: null }, { a: '' }])
  expect(await values(fromCsv(await file('empty.csv', '')))).toEqual([])
  expect(await values(fromCsv(await file('head.csv', 'a,b')))).toEqual([])
})

describe('a bad line is named, after the good ones before it, and can be passed', () => {
  test.each([
    ['x,b', 'DECODE_FAILED: line 4 of', 'expected a whole number of 32 bits, got "x".'],
    ['3000000000,b', 'OVERFLOW: line 4 of', '(at column "n")'],
    [',b', 'DECODE_FAILED: line 4 of', 'expected int32, not null, got null'],
    ['1', 'DECODE_FAILED: line 4 of', 'expected 2 fields, got 1: "1"'],
    ['1,2,3', 'DECODE_FAILED: line 4 of', 'expected 2 fields, got 3: "1,2,3"'],
    ['1,"a"b', 'DECODE_FAILED: line 4 of', 'the delimiter behind a closing quote'],
  ])('%s', async (line, start, detail) => {
    const path = await file('bad.csv', `n,a\n1,"x\ny"\n${line}\n4,z\n`)
    const options = { schema: schema({ n: t.int32(), a: t.string() }) }
    const reader = await fromCsv(path, options).open(0, null)
    const good = await reader.read(10)
    expect(good).toMatchObject({ records: [{ value: { n: 1, a: 'x\ny' } }], isEnd: false })
    for (const from of [reader, await fromCsv(path, options).open(0, good.position)]) {
      await expect(from.read(10)).rejects.toThrow(start)
      await expect(from.read(10)).rejects.toThrow(detail)
      await from.skipBad?.()
      expect((await from.read(10)).records.map(({ value }) => value)).toEqual([{ n: 4, a: 'z' }])
      await from.close()
    }
  })

  test('a quote that is not closed ends the run, not the memory', async () => {
    const path = await file('open.csv', `a,b\n1,"${'x\n'.repeat(100_000)}`)
    const reader = await fromCsv(path, { lineBytesMax: 1_000 }).open(0, null)
    await expect(reader.read(10)).rejects.toThrow(
      /^SOURCE_FAILED: line 2 of .* longer than 1000 bytes\. .* a quote that is not closed\.$/,
    )
    await reader.close()
    const short = await fromCsv(path).open(0, null)
    await expect(short.read(10)).rejects.toThrow('DECODE_FAILED: line 2 of')
    await short.close()
  })
})

test('a header that does not fit is told when the file is opened', async () => {
  const path = await file('header.csv', 'orign,delay,delay\n')
  const once = await file('once.csv', 'orign,delay\n')
  await expect(readAll(fromCsv(path))).rejects.toThrow('names the column "delay" twice')
  await expect(readAll(fromCsv(once, { schema: Flight }))).rejects.toThrow(
    /SOURCE_FAILED: line 1 of .* has no column "origin"; .* Did you mean "orign"\?/,
  )
  await expect(readAll(fromCsv(join(folder, 'gone.csv')))).rejects.toThrow('cannot open')
})

test('mistakes are thrown where they are written', () => {
  expect(() => fromCsv('a.csv', { delimiter: ',,' })).toThrow('a delimiter is one character')
  expect(() => fromCsv('a.csv', { header: false })).toThrow('got false without a schema')
  expect(() => fromCsv('a.csv', { header: ['a', 'a'] })).toThrow('INVALID_ARGUMENT: header names')
  expect(() => fromCsv('a.csv', { schema: Flight, header: ['a'] })).toThrow('INVALID_ARGUMENT')
  expect(() => fromCsv('a.csv', { schema: Flight, key: 'orign' })).toThrow('Did you mean "origin"?')
})

test('reads what csv-parse reads, from every position', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', ',', '"', '\n', ' ', '1') })
  const line = fc.tuple(cell, cell, cell)
  const ends = fc.constantFrom('\n', '\r\n')
  await fc.assert(
    fc.asyncProperty(fc.array(line), ends, fc.boolean(), async (lines, end, isEnded) => {
      const quoted = (text: string) =>
        /[",\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text
      const text = lines.map(cells => cells.map(quoted).join(',')).join(end)
      const path = await file('oracle.csv', `a,b,c${end}${text}${isEnded ? end : ''}`)
      const expected = parse(`a,b,c${end}${text}`, { columns: true })
      const read = fromCsv(path, { schema: OPEN_SCHEMA })
      expect(await values(read)).toEqual(expected)
      let position: string | null = null
      for (const row of expected) {
        const reader = await read.open(0, position)
        const chunk = await reader.read(1)
        await reader.close()
        expect(chunk.records[0]?.value).toEqual(row)
        position = chunk.position
      }
    }),
    { numRuns: 60 },
  )
})
