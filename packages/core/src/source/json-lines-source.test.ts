import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { testSource } from '../testing/conformance/source.ts'
import { fromJsonLines } from './json-lines-source.ts'
import type { SourceRecord } from './source.ts'

const hooks = { describe, test, expect }
const Flight = schema({ origin: t.string(), delay: t.int32().nullable(), at: t.timestamp() })

let folder: string
let flights: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-json-lines-'))
  const lines = Array.from({ length: 50 }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1, n)).toISOString()
    return JSON.stringify({ origin: `ü${n % 3}`, delay: n % 4 === 0 ? null : n, at })
  })
  flights = await file('flights.jsonl', `${lines.join('\n')}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function read(path: string, options = {}): Promise<readonly SourceRecord[]> {
  const reader = await fromJsonLines(path, options).open(0, null)
  try {
    return (await reader.read(1_000)).records
  } finally {
    await reader.close()
  }
}

// The path is known only when the questions are asked.
const source = (options = {}) => fromJsonLines(flights ?? 'flights.jsonl', options)
testSource(hooks, () => source())
testSource(hooks, () => source({ schema: Flight, timestamp: 'at', key: 'origin' }))

test('gives checked rows with time and key', async () => {
  const records = await read(flights, { schema: Flight, timestamp: 'at', key: 'origin' })
  expect(records).toHaveLength(50)
  expect(records[1]).toEqual({
    value: { origin: 'ü1', delay: 1, at: Date.UTC(2026, 0, 1, 1) },
    key: Buffer.from('ü1'),
    timestamp: Date.UTC(2026, 0, 1, 1),
  })
  expect(records[4]?.value).toMatchObject({ delay: null })
})

test('blank lines, CRLF, a byte order mark and a missing last newline do not count', async () => {
  const path = await file('odd.jsonl', '\ufeff{"n":1}\r\n\r\n  \n{"n":2}\n\n{"n":3}')
  expect((await read(path)).map(({ value }) => value)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(await read(await file('empty.jsonl', ''))).toEqual([])
})

test('takes a file URL and is named by the file alone', async () => {
  const byUrl = fromJsonLines(pathToFileURL(flights), { schema: Flight })
  expect(byUrl.name).toBe('json-lines flights.jsonl')
  const reader = await byUrl.open(0, null)
  expect((await reader.read(1)).records[0]?.value).toMatchObject({ origin: 'ü0' })
  await reader.close()
})

describe('a bad line is named, after the good ones before it', () => {
  test.each([
    ['{"n":', 'DECODE_FAILED: line 3 of', 'expected valid JSON, got a cut-off text: "{\\"n\\":"'],
    ['5', 'DECODE_FAILED: line 3 of', 'expected an object, got 5'],
    ['{"n":"x"}', 'DECODE_FAILED: line 3 of', 'got "x".'],
    ['{"n":3000000000}', 'OVERFLOW: line 3 of', '(at column "n")'],
    ['\u0000', 'DECODE_FAILED: line 3 of', 'valid JSON'],
    [`{"n":1,"x":"${'x'.repeat(300)}"}`, 'SOURCE_FAILED: line 3 of', 'is longer than 200 bytes'],
  ])('%s', async (line, start, detail) => {
    const path = await file('bad.jsonl', `{"n":1}\n\n${line}\n{"n":4}\n`)
    const options = { schema: schema({ n: t.int32() }), lineBytesMax: 200 }
    const reader = await fromJsonLines(path, options).open(0, null)
    const good = await reader.read(10)
    expect(good).toMatchObject({ records: [{ value: { n: 1 } }], isEnd: false })
    for (const from of [reader, await fromJsonLines(path, options).open(0, good.position)]) {
      await expect(from.read(10)).rejects.toThrow(start)
      await expect(from.read(10)).rejects.toThrow('bad.jsonl')
      await expect(from.read(10)).rejects.toThrow(detail)
      await from.close()
    }
  })

  test('bytes that are no UTF-8', async () => {
    const path = await file('bytes.jsonl', Buffer.from([0x7b, 0xff, 0x7d]))
    await expect(read(path)).rejects.toThrow('expected valid UTF-8, got bytes ff7d at position 1')
  })
})

test('a missing file and a changed one are told when opened', async () => {
  await expect(fromJsonLines(join(folder, 'gone.jsonl')).open(0, null)).rejects.toThrow(
    /^SOURCE_FAILED: cannot open .*gone\.jsonl: .*ENOENT.*Check the path\.$/,
  )
  await expect(fromJsonLines(flights).open(0, '999999.00000000')).rejects.toThrow(
    'The file was changed',
  )
})

test('lines much longer than a read are whole', async () => {
  const long = 'x'.repeat(3_000_000)
  const path = await file('long.jsonl', `{"a":"${long}"}\n{"a":"b"}\n{"a":"${long}"}`)
  const lengths = (await read(path)).map(({ value }) => (value['a'] as string).length)
  expect(lengths).toEqual([3_000_000, 1, 3_000_000])
})
