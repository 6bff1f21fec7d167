import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type Keeper, keeperOf } from './keeper.ts'

const Sale = schema({ n: t.int32(), tags: t.json().nullable() })

/** As it is given after a restart, with the size it took. */
function restarted(keeper: Keeper, value: unknown): { given: unknown; size: number } {
  const out = new ByteWriter()
  const held = keeper.hold(value, 'it')
  keeper.write(held, out)
  expect(keeper.sizeOf(held)).toBeGreaterThanOrEqual(out.size - 2)
  const from = new ByteReader(out.view(), 'test')
  const read = keeper.read(from)
  expect([from.left, keeper.sizeOf(read)]).toEqual([0, keeper.sizeOf(held)])
  return { given: keeper.give(read), size: out.size }
}

describe.each([
  [t.string(), 'é', 'é'],
  [t.string(), 'a\ud800', 'a\ufffd'],
  [t.int32(), 7, 7],
  [t.int64(), 7, 7n],
  [t.int64({ as: 'number' }), 7n, 7],
  [t.float64(), -0, -0],
  [t.timestamp(), new Date(5), 5],
  [t.boolean().nullable(), undefined, null],
  [t.bytes(), Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  [t.json(), { a: [1n, { b: undefined }] }, { a: [1n, {}] }],
  [t.json().nullable(), null, null],
  [Sale, { n: 1, tags: ['x'], other: 2 }, { n: 1, tags: ['x'] }],
  [Sale, { n: 1 }, { n: 1, tags: null }],
] as const)('%s', (type, value, kept) => {
  test('is the same before and after a restart', () => {
    const keeper = keeperOf(type)
    expect(keeper.give(keeper.hold(value, 'it'))).toEqual(kept)
    expect(restarted(keeper, value).given).toEqual(kept)
  })
})

test('what is done to a value before or after does not change what is kept', () => {
  const list = [1]
  for (const [type, value] of [
    [t.json(), { list }],
    [Sale, { n: 1, tags: { list } }],
  ] as const) {
    const keeper = keeperOf(type)
    const held = keeper.hold(value, 'it')
    const first = JSON.stringify(keeper.give(held))
    list.push(2)
    Object.assign(keeper.give(held) as object, { n: 9, list: null })
    expect(JSON.stringify(keeper.give(held))).toBe(first)
  }
  const bytes = Uint8Array.of(1)
  const held = keeperOf(t.bytes()).hold(bytes, 'it')
  bytes[0] = 9
  expect(keeperOf(t.bytes()).give(held)).toEqual(Uint8Array.of(1))
})

test('a value that does not fit is refused with the name it was to be kept under', () => {
  const refusal = (type: Parameters<typeof keeperOf>[0], value: unknown): string => {
    try {
      keeperOf(type).hold(value, 'state "it"')
      return 'kept'
    } catch (error) {
      return MillraceError.is(error) ? `${error.code}: ${error.text}` : String(error)
    }
  }
  expect(refusal(t.int32(), 'x')).toBe(
    'FUNCTION_FAILED: state "it" was given a wrong value: expected a whole number of 32 bits, ' +
      'got "x".',
  )
  expect(refusal(t.int32(), null)).toContain('expected int32, not null')
  expect(refusal(t.int32(), 2 ** 40)).toContain('OVERFLOW: ')
  expect(refusal(t.timestamp(), 1.7e9)).toContain('TIMESTAMP_UNIT: ')
  expect(refusal(Sale, [1])).toContain('expected a row of {n: int32, tags: json?}, got an array')
  expect(refusal(Sale, { n: 'x' })).toContain('FUNCTION_FAILED: the row of the function')
})
