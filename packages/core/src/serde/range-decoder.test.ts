import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { withRangeDecoder } from './range-decoder.ts'
import { scalarSerde } from './scalar-serde.ts'
import type { ByteRanges, Decoded } from './serde.ts'
import { utf8Text } from './utf8-text.ts'

const text = scalarSerde({
  name: 'text',
  type: t.string(),
  decode: utf8Text,
  encode: (cell, out) => out.text(cell),
})
const plain = scalarSerde<Uint8Array>({
  name: 'plain',
  type: t.bytes(),
  decode: (data, start, end) => data.subarray(start, end),
  encode: (cell, out) => out.bytes(cell),
})

function ranges(records: readonly (Uint8Array | null)[]): ByteRanges {
  const parts = records.map(record => record ?? Buffer.alloc(0))
  let end = 0
  const start = Int32Array.from(parts, part => {
    end += part.length
    return end - part.length
  })
  const size = Int32Array.from(records, record => record?.length ?? -1)
  return { count: records.length, data: Buffer.concat(parts), start, size }
}

function told({ columns, failures }: Decoded): unknown {
  const [column] = columns
  const cells = Array.from({ length: column?.length ?? 0 }, (_, i) => column?.get(i) ?? null)
  return { cells: cells.map(cell => (cell instanceof Uint8Array ? [...cell] : cell)), failures }
}

test('equals the decoder that makes cells, on text, other bytes and nulls', () => {
  const record = fc.oneof(
    fc.string({ unit: 'binary' }).map(each => Buffer.from(each)),
    fc.uint8Array({ maxLength: 4 }),
    fc.constant(null),
  )
  fc.assert(
    fc.property(fc.array(record), records => {
      for (const serde of [text, plain]) {
        const fast = withRangeDecoder<unknown>(serde).decoder('all').decode(ranges(records))
        expect(told(fast)).toEqual(told(serde.decoder('all').decode(ranges(records))))
      }
    }),
  )
})

test('bytes that are no text are found wherever they are', () => {
  for (let size = 1; size <= 13; size++) {
    const spoilt = Array.from({ length: size }, (_, at) =>
      Buffer.alloc(size, 'x').fill(0xff, at, at + 1),
    )
    for (const each of spoilt) {
      const { failures } = withRangeDecoder(text)
        .decoder('all')
        .decode(ranges([each]))
      expect(failures).toHaveLength(1)
    }
  }
})

test('is frozen and builds nothing that is not read', () => {
  expect(Object.isFrozen(withRangeDecoder(text))).toBe(true)
  expect(
    withRangeDecoder(text)
      .decoder([])
      .decode(ranges([Buffer.from('x')])).columns,
  ).toEqual([])
})
