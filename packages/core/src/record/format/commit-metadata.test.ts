import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CommitMetadata, commitMetadataText, parseCommitMetadata } from './commit-metadata.ts'

const name = fc.string({ unit: 'grapheme', maxLength: 8 })
const metadata: fc.Arbitrary<CommitMetadata> = fc.record({
  epoch: fc.maxSafeNat(),
  partitionCounts: fc.array(fc.record({ topic: name, partitionCount: fc.nat() }), { maxLength: 3 }),
  watermarks: fc.array(
    fc.record({
      topic: name,
      partition: fc.nat(),
      watermark: fc.double({ noNaN: true }).map(value => value + 0),
    }),
    { maxLength: 3 },
  ),
  fingerprint: name,
  receipts: fc.array(
    fc.record({ sink: name, receipt: fc.option(fc.uint8Array({ maxLength: 30 })) }),
    { maxLength: 3 },
  ),
})

const SAMPLE: CommitMetadata = {
  epoch: 12,
  partitionCounts: [{ topic: 'a;b', partitionCount: 4 }],
  watermarks: [{ topic: 'a;b', partition: 0, watermark: Number.NEGATIVE_INFINITY }],
  fingerprint: 'f',
  receipts: [
    { sink: 'list', receipt: null },
    { sink: 'table', receipt: Uint8Array.of(1, 255) },
  ],
}

test('any metadata comes back, as ASCII', () => {
  fc.assert(
    fc.property(metadata, value => {
      const text = commitMetadataText(value)
      expect(text).toMatch(/^[!-~]*$/)
      expect(parseCommitMetadata(text)).toEqual(value)
    }),
  )
})

test('reads as written here', () => {
  expect(commitMetadataText(SAMPLE)).toBe(
    'm1;e=12;p=a%3Bb:4;w=a%3Bb/0:-Infinity;f=f;r=list:-,table:.Af8;',
  )
})

test.each(['', 'hello', 'm;', 'M1;e=1', 'leader-epoch=4', ' m1;'])('%j is not ours', text => {
  expect(parseCommitMetadata(text)).toBe(null)
})

test.each([
  'm2;anything',
  'm1;',
  'm1;e=1;p=;w=;f=;r=;;',
  'm1;e=1;p=;w=;f=;r=',
  'm1;e=01;p=;w=;f=;r=;',
  'm1;e=-1;p=;w=;f=;r=;',
  'm1;e=1;p=a;w=;f=;r=;',
  'm1;e=1;p=a:1,;w=;f=;r=;',
  'm1;e=1;p=a%3b:1;w=;f=;r=;',
  'm1;e=1;p=;w=a/0:NaN;f=;r=;',
  'm1;e=1;p=;w=a/0:1.0;f=;r=;',
  'm1;e=1;p=;w=;f=%FF;r=;',
  'm1;e=1;p=;w=;f=;r=a:.A;',
  'm1;e=1;p=;w=;f=;r=a:x;',
])('%s is refused', text => {
  expect(() => parseCommitMetadata(text)).toThrow('FORMAT_UNKNOWN')
})

test('any piece cut off the end is noticed', () => {
  const text = commitMetadataText(SAMPLE)
  for (let size = 3; size < text.length; size++) {
    expect(() => parseCommitMetadata(text.slice(0, size))).toThrow('FORMAT_UNKNOWN')
  }
})

test('more than 3,000 characters are refused, with what to do', () => {
  const receipts = [{ sink: 'table', receipt: new Uint8Array(2400) }]
  expect(() => commitMetadataText({ ...SAMPLE, receipts })).toThrow(
    /ENCODE_FAILED: .* would be 32\d\d characters.*must store it and give its name/,
  )
})
