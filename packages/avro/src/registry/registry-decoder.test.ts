import { type ByteRanges, MillraceError } from '@millrace/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellsOf } from '../../test/codec-case.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder } from '../codec/column-decoder.ts'
import { flatScan } from '../codec/flat-scan.ts'
import { type FlatScanMemory, flatScanMemory } from '../codec/flat-scan-memory.ts'
import { decodeFramed } from '../codec/framed-decoder.ts'
import type { SchemaRegistry } from './registry.ts'
import { RegistryDecoder } from './registry-decoder.ts'
import { guidFrame, idFrame } from './wire-frame.ts'
import { WriterSchemas } from './writer-schemas.ts'

const SCHEMA = JSON.stringify({
  ...{ type: 'record', name: 'R' },
  fields: [
    { name: 'n', type: 'long' },
    { name: 'text', type: 'string' },
  ],
})
const GUID = '00000000-0000-4000-8000-000000000007'
const READER = parseSchema(SCHEMA)
const memory = flatScanMemory() as FlatScanMemory

/** A registry that knows ids 1 and 2, and says how often it was asked. */
function registryOf(): { readonly schemas: SchemaRegistry; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const of = async (key: unknown) => {
    asked.push(key)
    if (key !== GUID && (key as number) > 2)
      throw new MillraceError('INVALID_ARGUMENT', `no schema ${key}.`)
    const id = typeof key === 'number' ? key : -1
    return { id, guid: GUID, schema: SCHEMA, references: [], ruleSet: null, metadata: null }
  }
  return { schemas: { schemaById: of, schemaByGuid: of } as never, asked }
}

function decoderOf(isAtOnce: boolean) {
  const { schemas, asked } = registryOf()
  const flat = isAtOnce ? (plan: never) => flatScan(plan, memory, 0) : () => null
  const columns = new ColumnDecoder({ reader: READER, read: 'all', flat: flat as never })
  const writers = new WriterSchemas(schemas, '__value_schema_id', null)
  return { asked, columns, writers, decoder: new RegistryDecoder(columns, writers) }
}

interface Made {
  readonly head: Buffer
  readonly body: Buffer
  readonly hasHeaders: boolean
}

const value = fc.constantFrom(
  '02046162',
  '0400',
  '7f02c3',
  '02046162ff',
  '',
  '8080808080808080800100',
)
const made: fc.Arbitrary<Made | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 12,
    arbitrary: fc.record({
      head: fc.oneof(
        { weight: 12, arbitrary: fc.constant(idFrame(1)) },
        fc.constantFrom(idFrame(2), idFrame(9), guidFrame(GUID), Buffer.of(0, 0, 0), Buffer.of(7)),
      ),
      body: value.map(hex => Buffer.from(hex, 'hex')),
      hasHeaders: fc.constantFrom(...new Array(30).fill(false), true),
    }),
  },
)

function rangesOf(records: readonly (Made | null)[]): ByteRanges {
  const parts = records.map(each => each && Buffer.concat([each.head, each.body]))
  const headers = Buffer.from([2, 2, 0x68, 2, 0x78])
  let end = 0
  const start = Int32Array.from(parts, part => {
    const from = end
    end += part?.length ?? 0
    return from
  })
  return {
    count: records.length,
    data: Buffer.concat([...parts.map(part => part ?? Buffer.of()), headers]),
    start,
    size: Int32Array.from(parts, part => part?.length ?? -1),
    headers: {
      start: new Int32Array(records.length).fill(end),
      size: Int32Array.from(records, each => (each?.hasHeaders ? headers.length : 0)),
    },
  }
}

test('equals the reading of what was looked through, whatever came before', async () => {
  let atOnce = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(made, { minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 4 }),
      async batches => {
        const [fast, clear] = [decoderOf(true), decoderOf(false)]
        for (const records of batches) {
          const ranges = rangesOf(records)
          const before = fast.asked.length
          const waits = fast.decoder.prepare(ranges)
          if (waits === undefined && before === fast.asked.length) atOnce++
          await waits
          await clear.writers.prepare(ranges)
          const want = cellsOf(decodeFramed(clear.columns, ranges, clear.writers), records.length)
          expect(cellsOf(fast.decoder.decode({ ...ranges }), records.length)).toEqual(want)
        }
      },
    ),
    { numRuns: 2_000, seed: 5 },
  )
  expect(atOnce).toBeGreaterThan(500)
})

const PLAIN: Made = { head: idFrame(1), body: Buffer.from('02046162', 'hex'), hasHeaders: false }

test('a batch is not looked through once its id is known', async () => {
  const { decoder, writers, asked } = decoderOf(true)
  await decoder.prepare(rangesOf([PLAIN, PLAIN]))
  expect(asked).toEqual([1])
  writers.prepare = () => {
    throw new Error('it was looked through')
  }
  const ranges = rangesOf([null, PLAIN, { ...PLAIN, body: Buffer.of() }])
  expect(decoder.prepare(ranges)).toBe(undefined)
  const { columns, failures } = decoder.decode(ranges)
  expect([0, 1, 2].map(index => columns[0]?.get(index))).toEqual([null, 1n, null])
  expect(failures.map(({ index }) => index)).toEqual([2])
  expect(() => decoder.prepare(rangesOf([PLAIN, { ...PLAIN, head: idFrame(2) }]))).toThrow('looked')
})

test('what was prepared is of that batch alone', async () => {
  const { decoder } = decoderOf(true)
  await decoder.prepare(rangesOf([PLAIN]))
  await decoder.prepare(rangesOf([PLAIN]))
  const other = rangesOf([{ ...PLAIN, body: Buffer.from('0400', 'hex') }])
  expect(decoder.decode(other).columns[0]?.get(0)).toBe(2n)
})
