import { expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { nestedReader } from './nested-reader.ts'

const read = nestedReader(t.struct({ n: t.int64(), d: t.list(t.decimal(20, 2)).nullable() }))
const cellOf = (text: string) => {
  const data = Buffer.from(`x${text}y`)
  return read(data, 1, data.length - 1)
}

test('a value is read exactly where it fits', () => {
  expect(cellOf('{"n":9007199254740993,"d":[123456789012345678.1,0.10],"x":1}')).toEqual({
    n: 9007199254740993n,
    d: ['123456789012345678.10', '0.10'],
  })
  expect(cellOf('{"n":"7"}')).toEqual({ n: 7n, d: null })
})

test.each(['{"n":1.5}', '{}', '[]', '{"n":1,"d":[0.123]}', 'null', '{"n":1,"d":{}}'])(
  '%s is left to the clear decoder',
  text => {
    expect(cellOf(text)).toBe(undefined)
  },
)
