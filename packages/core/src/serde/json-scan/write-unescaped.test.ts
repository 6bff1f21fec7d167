import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import { writeUnescaped } from './write-unescaped.ts'

test('gives the bytes of what JSON.parse reads', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map(each => each.toString(16).padStart(4, '0'))
  const high = fc.constantFrom('d800', 'DBFF', 'd83d')
  const low = fc.constantFrom('dc00', 'DFFF', 'dE00')
  const piece = fc.oneof(
    fc.tuple(fc.oneof(unit, high, low)).map(each => `\\u${each}`),
    fc.tuple(high, low).map(([a, b]) => `\\u${a}\\u${b}`),
    fc.constantFrom('\\b', '\\f', '\\n', '\\r', '\\t', '\\/', '\\\\', '\\"', 'é', '\u{1f600}', 'u'),
    fc.string().map(each => JSON.stringify(each).slice(1, -1)),
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const data = Buffer.from(`"${pieces.join('')}"`)
      const out = new ByteWriter(1)
      writeUnescaped(data, 1, data.length - 1, out)
      expect(out.copy()).toEqual(Buffer.from(JSON.parse(data.toString())))
    }),
    { numRuns: 3_000 },
  )
})
