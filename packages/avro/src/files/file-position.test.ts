import { expect, test } from 'vitest'
import { filePosition, positionText } from './file-position.ts'

test('a position is text and back', () => {
  const position = { name: 'a/b:c.avro', byte: 12_345, row: 7 }
  expect(filePosition(positionText(position), 'avro')).toEqual(position)
  expect(filePosition(null, 'avro')).toEqual({ name: '', byte: 0, row: 0 })
})

test('a position of another source is refused', () => {
  expect(() => filePosition('12', 'avro a.avro')).toThrow('expected a position as byte:row:name')
})
