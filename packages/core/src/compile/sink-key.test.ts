import { expect, test } from 'vitest'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { long, string } from '../serde/scalars.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { sinkKey } from './sink-key.ts'

const Row = schema({ user: t.string(), at: t.timestamp(), n: t.int32() })

test('reads the cell that a serde wrote, with its column where it has one', () => {
  const encoding = { kind: 'serde', serde: string() } as const
  const key = sinkKey({ columns: ['user'], encoding, isPartitioned: true }, Row)
  expect(key?.columns).toEqual(['user'])
  expect(key?.cells(Buffer.from('ada'))).toEqual(['ada'])
  const nameless = sinkKey({ columns: null, encoding, isPartitioned: true }, Row)
  expect(nameless?.columns).toBe(null)
})

test('says what is wrong with a key of another serde', () => {
  const encoding = { kind: 'serde', serde: long() } as const
  const key = sinkKey({ columns: null, encoding, isPartitioned: true }, Row)
  expect(() => key?.cells(Buffer.from('abc'))).toThrow(/DECODE_FAILED: the key is .* serde long/)
})

test('reads the cells of a group', () => {
  const out = new ByteWriter(16)
  groupKeyCodec([Row.typeOf('user'), Row.typeOf('at')]).encode(['ada', 5], out)
  const columns = ['user', 'at']
  const key = sinkKey({ columns, encoding: { kind: 'group' }, isPartitioned: true }, Row)
  expect(key?.cells(out.take())).toEqual(['ada', 5])
})

test('tells nothing of keys that were made in an unknown way', () => {
  const unknown = { columns: null, encoding: { kind: 'unknown' }, isPartitioned: false } as const
  expect(sinkKey(unknown, Row)).toBe(null)
})
