import { expect, test } from 'vitest'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

test('everything that is written is read', () => {
  const out = new WireWriter()
  out
    .int8(-1)
    .int16(-300)
    .int32(70_000)
    .int64(2 ** 53 - 1)
    .unsigned(300)
  out.text('é').text(null).compactText('long '.repeat(300)).compactText(null)
  out
    .compactBytes(Buffer.of(1, 2))
    .compactArray([1, 2], n => out.int32(n))
    .noTags()
  const from = new WireReader(Buffer.concat(out.parts()), 'Test')
  expect([from.int8(), from.int16(), from.int32(), from.offset()]).toEqual([
    -1,
    -300,
    70_000,
    2 ** 53 - 1,
  ])
  expect(from.unsigned()).toBe(300)
  expect([from.text(), from.text()]).toEqual(['é', null])
  expect([from.compactText(), from.compactText()]).toEqual(['long '.repeat(300), null])
  expect([...from.compactBytes()]).toEqual([1, 2])
  expect(from.compactArray(4, () => from.int32())).toEqual([1, 2])
  from.tags()
  expect(from.left).toBe(0)
})

test.each([
  ['a text longer than what is there', [0, 9, 65], (from: WireReader) => from.text()],
  [
    'a list longer than what is there',
    [127, 255, 255, 255],
    (r: WireReader) => r.array(1, () => 0),
  ],
  ['a number that does not end', [255, 255, 255, 255, 255, 1], (r: WireReader) => r.unsigned()],
  ['an offset beyond 2^53', [64, 0, 0, 0, 0, 0, 0, 0], (from: WireReader) => from.offset()],
  ['nothing', [], (from: WireReader) => from.int32()],
])('%s is refused', (_, bytes, read) => {
  expect(() => read(new WireReader(Buffer.from(bytes), 'Test'))).toThrow(
    /BROKER_REFUSED: an answer to Test is not what the protocol says/,
  )
})
