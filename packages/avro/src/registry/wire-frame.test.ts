import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confluentSerde as confluent } from '../../test/confluent.ts'
import {
  FRAME_ID_NEGATIVE,
  FRAME_TRUNCATED,
  FRAME_UNKNOWN,
  frameFault,
  frameIdAt,
  GUID_FRAME_BYTES,
  guidAt,
  guidFrame,
  guidOfHeader,
  HAS_GUID,
  ID_FRAME_BYTES,
  idFrame,
  isGuid,
  KEY_SCHEMA_HEADER,
  VALUE_SCHEMA_HEADER,
} from './wire-frame.ts'

const GUID = '89791762-2336-4186-9674-299b90a802e2'

/** As Confluent's own package writes it. */
function theirs(id: number | undefined, guid: string | undefined): Buffer {
  const schemaId = new confluent.SchemaId('AVRO', id, guid)
  return id === undefined ? schemaId.guidToBytes() : schemaId.idToBytes()
}

describe('frames are those of Confluent', () => {
  test('of ids', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.nat(20), (id, before) => {
        const frame = theirs(id, undefined)
        expect(idFrame(id)).toEqual(frame)
        const data = Buffer.concat([Buffer.alloc(before, 7), frame, Buffer.from('rest')])
        expect(frameIdAt(data, before, data.length)).toBe(id)
      }),
    )
  })

  test('of GUIDs, whose bytes may stand anywhere in a larger buffer', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(20), (guid, before) => {
        const frame = theirs(undefined, guid)
        expect(guidFrame(guid)).toEqual(frame)
        const data = Buffer.concat([Buffer.alloc(before, 7), frame])
        expect(frameIdAt(data, before, data.length)).toBe(HAS_GUID)
        expect(guidAt(data, before + 1)).toBe(guid)
        expect(guidOfHeader(data, before, data.length)).toBe(guid)
        expect(isGuid(guid)).toBe(true)
      }),
    )
  })

  test('and so are names of headers, and their sizes', () => {
    expect(VALUE_SCHEMA_HEADER).toBe(confluent.VALUE_SCHEMA_ID_HEADER)
    expect(KEY_SCHEMA_HEADER).toBe(confluent.KEY_SCHEMA_ID_HEADER)
    expect(idFrame(1)).toHaveLength(ID_FRAME_BYTES)
    expect(guidFrame(GUID)).toHaveLength(GUID_FRAME_BYTES)
  })
})

describe('what is no frame', () => {
  test.each([
    ['nothing', [], FRAME_TRUNCATED, '0 bytes'],
    ['half an id', [0, 0, 0], FRAME_TRUNCATED, '3 bytes'],
    ['half a GUID', [1, 2, 3, 4, 5, 6], FRAME_TRUNCATED, '6 bytes'],
    ['JSON', [0x7b, 0x22], FRAME_UNKNOWN, 'a first byte 0x7b of 2 bytes'],
    [
      'an id below zero',
      [0, 0xff, 0xff, 0xff, 0xff, 1],
      FRAME_ID_NEGATIVE,
      'a schema id below zero',
    ],
  ])('%s', (_, bytes, fault, text) => {
    const data = Buffer.from(bytes)
    expect(frameIdAt(data, 0, data.length)).toBe(fault)
    expect(frameFault(fault, data, 0, data.length)).toBe(text)
    expect(guidOfHeader(data, 0, data.length)).toBe(null)
  })

  test('a range of a record is not read beyond its end', () => {
    const data = Buffer.concat([idFrame(7), idFrame(7)])
    expect(frameIdAt(data, 0, 4)).toBe(FRAME_TRUNCATED)
    expect(frameIdAt(data, 0, ID_FRAME_BYTES)).toBe(7)
  })
})
