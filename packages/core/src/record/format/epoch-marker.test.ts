import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import { type EpochMarker, readEpochMarker, writeEpochMarker } from './epoch-marker.ts'

function written(marker: EpochMarker): Buffer {
  const out = new ByteWriter()
  writeEpochMarker(marker, out)
  return out.copy()
}

const text = fc.string({ unit: 'grapheme', maxLength: 10 })
const watermark = fc.double({ noNaN: true })
const source = fc.record({ name: text, position: fc.option(text) })
const markersOfTopics: fc.Arbitrary<EpochMarker> = fc.record({
  epoch: fc.maxSafeNat(),
  inputs: fc.array(
    fc.record({
      topic: text,
      partitionCount: fc.nat(1000),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(1000),
          offset: fc.maxSafeNat(),
          watermark,
          upstreams: fc.array(
            fc.record({ isIdle: fc.boolean(), isFinal: fc.boolean(), watermark }),
            { maxLength: 3 },
          ),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
  decisions: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('idle' as const), topic: text, partition: fc.nat() }),
      fc.record({ kind: fc.constant('advance' as const), watermark }),
      fc.record({ kind: fc.constant('wall' as const), time: watermark }),
    ),
    { maxLength: 3 },
  ),
  receipts: fc.array(fc.record({ sink: text, receipt: fc.option(fc.uint8Array()) }), {
    maxLength: 3,
  }),
  fingerprints: fc.array(fc.record({ step: text, fingerprint: text }), { maxLength: 3 }),
})

const markers = fc.oneof(
  markersOfTopics,
  fc.tuple(markersOfTopics, source).map(([marker, source]) => ({ ...marker, source })),
)

test('any marker comes back', () => {
  fc.assert(
    fc.property(markers, marker => {
      expect(readEpochMarker(written(marker))).toEqual(marker)
    }),
  )
})

test('any cut-off marker is refused', () => {
  fc.assert(
    fc.property(markers, fc.nat(), (marker, cut) => {
      const bytes = written(marker)
      expect(() => readEpochMarker(bytes.subarray(0, cut % bytes.length))).toThrow('FORMAT_UNKNOWN')
    }),
  )
})

const EMPTY: EpochMarker = { epoch: 7, inputs: [], decisions: [], receipts: [], fingerprints: [] }

test('another version, an unknown decision and a longer marker are refused', () => {
  const bytes = written(EMPTY)
  expect(() => readEpochMarker(Buffer.concat([Buffer.of(3), bytes.subarray(1)]))).toThrow(
    'epoch marker: expected format version 1, got version 3',
  )
  expect(() => readEpochMarker(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('the end')
  expect(() => readEpochMarker(Buffer.of(1, 7, 0, 1, 4, 0, 0))).toThrow('got kind 4')
  expect(() => readEpochMarker(Buffer.of(2, 7, 0, 0, 0, 0, 0, 2))).toThrow('before a position')
})

test('a false count allocates nothing', () => {
  expect(() => readEpochMarker(Buffer.from('0107ffffffffffff07', 'hex'))).toThrow(
    'elements of 3 bytes',
  )
})
