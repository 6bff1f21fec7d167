import { expect, test } from 'vitest'
import { cutValues, Slab } from './slab.ts'

const UNSET = 'unset'

/** The row that was begun, ended. */
function endRow(slab: Slab) {
  const { bytes, start, size } = slab
  slab.end()
  return { size, values: () => cutValues(bytes, start, size, UNSET) }
}

test('writes values as CQL has them', () => {
  const slab = new Slab()
  slab.begin()
  slab.int32(-2)
  slab.integer(-1)
  slab.null()
  slab.integer(1_750_000_000_000_001)
  slab.unset()
  slab.double(1)
  slab.value(Buffer.from('cafe', 'hex'))
  slab.value(Buffer.alloc(0))
  const { size, values } = endRow(slab)
  expect(values().map(value => (Buffer.isBuffer(value) ? value.toString('hex') : value))).toEqual([
    'fffffffe',
    'ffffffffffffffff',
    null,
    BigInt(1_750_000_000_000_001).toString(16).padStart(16, '0'),
    UNSET,
    '3ff0000000000000',
    'cafe',
    '',
  ])
  expect(size).toBe(8 * 4 + 4 + 8 + 8 + 8 + 2)
})

test('copies, short and long, also what is larger than a slab', () => {
  const slab = new Slab()
  const data = new Uint8Array(200_000).map((_, i) => i)
  const rows = [0, 3, 32, 33, 1_000, 199_000].map(size => {
    slab.begin()
    slab.copy(data, 1, size)
    return { ...endRow(slab), expected: Buffer.from(data.slice(1, 1 + size)) }
  })
  data.fill(0)
  for (const { values, expected } of rows) expect(values()).toEqual([expected])
})

test('keeps a row together where a buffer ends within it, and forgets what was not ended', () => {
  const slab = new Slab()
  const text = (i: number) => Buffer.from(`value ${i}`.padEnd(100 + (i % 50), '.'))
  const rows = Array.from({ length: 2_000 }, (_, i) => {
    slab.begin()
    slab.value(Buffer.from('unfinished'))
    slab.begin()
    slab.value(text(i))
    slab.int32(i)
    slab.value(text(i + 1))
    return endRow(slab)
  })
  for (const [i, { values }] of rows.entries()) {
    const number = Buffer.alloc(4)
    number.writeInt32BE(i)
    expect(values()).toEqual([text(i), number, text(i + 1)])
  }
})
