import { expect, test } from 'vitest'
import { CODECS } from './codecs.ts'
import { DEFLATES } from './deflate.ts'

const BODY = Buffer.from('the same bytes over and over, '.repeat(9_000))

test.each([1, 2, 3, 4])('codec %i reads what it wrote, up to the bound', number => {
  const deflate = DEFLATES[number]
  if (deflate === undefined) {
    expect(process.versions.node.startsWith('20.')).toBe(true)
    return
  }
  const bytes = deflate?.(BODY) as Buffer
  expect(bytes.length).toBeLessThan(BODY.length / 4)
  expect(CODECS[number]?.inflate(bytes, 8 << 20).equals(BODY)).toBe(true)
})

test('windows of zstd are bounded to the byte', () => {
  // Magic, no flags, then a window of 2 ** 27 and seven eighths of it.
  const frame = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0, (17 << 3) | 7, 1, 0, 0)
  expect(() => CODECS[4]?.inflate(frame, 1_000)).toThrow(/251658240 bytes or more/)
})
