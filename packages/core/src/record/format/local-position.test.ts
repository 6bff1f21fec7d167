import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import { readLocalPosition, writeLocalPosition } from './local-position.ts'

const position = { offset: 300, at: 1_750_000_000_000, topicId: 'ab/täg' }

function bytesOf(of = position): Buffer {
  const out = new ByteWriter()
  writeLocalPosition(of, out)
  return out.copy()
}

test('reads what was written', () => {
  expect(readLocalPosition(bytesOf())).toEqual(position)
  const none = { offset: 0, at: 0, topicId: '' }
  expect(readLocalPosition(bytesOf(none))).toEqual(none)
})

test('refuses other versions, and bytes that are missing or left over', () => {
  const bytes = bytesOf()
  for (let size = 0; size < bytes.length; size++) {
    expect(() => readLocalPosition(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
  }
  expect(() => readLocalPosition(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('FORMAT_UNKNOWN')
  expect(() => readLocalPosition(Buffer.of(2, ...bytes.subarray(1)))).toThrow('FORMAT_UNKNOWN')
})
