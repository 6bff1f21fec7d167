import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import { readChangelogBase, writeChangelogBase } from './changelog-base.ts'

test('an offset comes out as it went in; another version and more bytes are refused', () => {
  for (const offset of [0, 300, Number.MAX_SAFE_INTEGER]) {
    const out = new ByteWriter()
    writeChangelogBase(offset, out)
    expect(readChangelogBase(out.view())).toBe(offset)
  }
  expect(() => readChangelogBase(Buffer.of(2, 0))).toThrow('expected format version 1')
  expect(() => readChangelogBase(Buffer.of(1, 0, 0))).toThrow('FORMAT_UNKNOWN')
})
