import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { Refusal } from '../schema/refusal.ts'
import { schema } from '../schema/schema.ts'
import { testSerde } from '../testing/conformance/serde.ts'
import { scalarSerde } from './scalar-serde.ts'

/** A user's serde: one byte, 0 or 1. */
const flag = scalarSerde<boolean>({
  name: 'flag',
  type: t.boolean(),
  decode: (data, start, end) => {
    const byte = data[start]
    if (end - start !== 1 || (byte !== 0 && byte !== 1)) {
      return new Refusal('DECODE_FAILED', 'one byte, 0 or 1', `${end - start} bytes`)
    }
    return byte === 1
  },
  encode: (cell, out) => out.byte(cell ? 1 : 0),
})

testSerde({ describe, test, expect }, () => flag, {
  rows: [{ value: true }, { value: false }],
  bad: [{ bytes: Buffer.from([2]) }, { bytes: Buffer.from([0, 1]) }],
  unwritable: [schema({ a: t.string() })],
})

test('a schema it cannot write is refused saying what would do', () => {
  expect(() => flag.encoder(schema({ a: t.boolean(), b: t.string() }))).toThrow(
    'SCHEMA_MISMATCH: flag writes frames of one boolean column that is never null; ' +
      'the frame is {a: boolean, b: string}. Use select',
  )
  expect(() => flag.encoder(schema({ any_name: t.boolean() }))).not.toThrow()
})
