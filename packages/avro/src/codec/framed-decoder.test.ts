import type { ByteRanges } from '@millrace/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder } from './column-decoder.ts'
import { decodeFramed, type Framed, type FrameFailure, sameHeadEnd } from './framed-decoder.ts'

/** A record: its bytes, null for none, and its headers. Few different bytes, so that many agree. */
const byte = fc.constantFrom(0, 1, 255)
const bytes = (sizeMax: number) => fc.uint8Array({ maxLength: sizeMax })
const record = (headSize: number) => {
  const head = fc.tuple(byte, fc.nat(headSize)).map(([odd, at]) => {
    const own = Buffer.alloc(headSize)
    if (at < headSize) own[at] = odd
    return own
  })
  return fc.record({
    value: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(head, bytes(3)).map(parts => Buffer.concat(parts)) },
      { weight: 1, arbitrary: bytes(headSize).map(each => Buffer.from(each)) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    headers: fc.oneof(
      { weight: 6, arbitrary: fc.constant(Buffer.alloc(0)) },
      { weight: 1, arbitrary: fc.array(byte, { maxLength: 2 }).map(each => Buffer.from(each)) },
    ),
  })
}
interface Made {
  readonly value: Buffer | null
  readonly headers: Buffer
}
const cases = fc.constantFrom(0, 5, 10, 17).chain(headSize =>
  fc.record({
    headSize: fc.constant(headSize),
    hasHeaders: fc.boolean(),
    records: fc.array(record(headSize), { minLength: 1, maxLength: 12 }),
  }),
)

test('a run is of records with the same head and headers, whatever else they hold', () => {
  let longer = 0
  fc.assert(
    fc.property(cases, ({ headSize, hasHeaders, records }) => {
      const [first] = records as [Made]
      fc.pre(first.value !== null && first.value.length >= headSize)
      const isSame = ({ value, headers }: Made): boolean => {
        if (value === null) return true
        if (hasHeaders && !headers.equals(first.headers)) return false
        return (
          value.length >= headSize &&
          value.subarray(0, headSize).equals((first.value as Buffer).subarray(0, headSize))
        )
      }
      const other = records.findIndex(each => !isSame(each))
      const end = sameHeadEnd(rangesOf(records, hasHeaders), 0, headSize)
      expect(end).toBe(other < 0 ? records.length : other)
      if (end > 1) longer++
    }),
    { numRuns: 5_000 },
  )
  expect(longer).toBeGreaterThan(1_000)
})

const INTS = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] })
const TEXTS = parseSchema({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'a', type: 'int' },
  ],
})
const REFUSED: FrameFailure = {
  field: undefined,
  code: 'DECODE_FAILED',
  expected: 'a frame',
  got: 'none',
}
/** By the first byte of a record. */
const FRAMES: readonly (Framed | FrameFailure)[] = [
  { writer: INTS, headSize: 5 },
  { writer: INTS, headSize: 17 },
  { writer: TEXTS, headSize: 5 },
  REFUSED,
]

test('each record is read by its own frame, once, wherever it stands', () => {
  const kinds = fc.array(fc.nat(FRAMES.length), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(kinds, each => {
      const records = each.map((kind, i): Made => {
        const frame = FRAMES[kind]
        const value = frame === undefined ? null : framed(kind, frame, i)
        return { value, headers: Buffer.alloc(0) }
      })
      const decoder = new ColumnDecoder({ reader: INTS, read: 'all' })
      const decoded = decodeFramed(decoder, rangesOf(records, false), {
        frameAt: ({ data, start }, index) => FRAMES[data[start[index] as number] as number]!,
        runEnd: sameHeadEnd,
      })
      const isRead = (kind: number): boolean => 'writer' in (FRAMES[kind] ?? REFUSED)
      const cells = each.map((_, i) => decoded.columns[0]?.get(i))
      expect(cells).toEqual(each.map((kind, i) => (isRead(kind) ? i : null)))
      const refused = each.flatMap((kind, i) => (FRAMES[kind] === REFUSED ? [i] : []))
      expect(decoded.failures.map(({ index }) => index)).toEqual(refused)
    }),
  )
})

/** Record number `i`; of one that is refused nothing else is wrong. */
function framed(kind: number, frame: Framed | FrameFailure, i: number): Buffer {
  const head = Buffer.alloc('headSize' in frame ? frame.headSize : 5)
  head[0] = kind
  const text = 'writer' in frame && frame.writer === TEXTS ? [2, 97] : []
  return Buffer.concat([head, Buffer.from([...text, i * 2])])
}

/** The records behind each other, headers first. */
function rangesOf(records: readonly Made[], hasHeaders: boolean): ByteRanges {
  const count = records.length
  const [start, size] = [new Int32Array(count), new Int32Array(count)]
  const headers = { start: new Int32Array(count), size: new Int32Array(count) }
  let at = 0
  const parts = records.flatMap(({ value, headers: own }, i) => {
    headers.start[i] = at
    headers.size[i] = own.length
    start[i] = at + own.length
    size[i] = value?.length ?? -1
    at += own.length + (value?.length ?? 0)
    return [own, value ?? Buffer.alloc(0)]
  })
  return { count, data: Buffer.concat(parts), start, size, ...(hasHeaders && { headers }) }
}
