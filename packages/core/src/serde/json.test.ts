import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../batch/row.ts'
import { rowsOf } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { testSerde } from '../testing/conformance/serde.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { json } from './json.ts'
import type { ByteRanges, ColumnsRead, Decoded, Serde } from './serde.ts'
import type { StandardSchema } from './standard-schema.ts'

const hooks = { describe, test, expect }
const text = (value: string): Buffer => Buffer.from(value)

/** Written this way because a linter takes it for a thenable. */
const THEN = 'then'

const Everything = schema({
  text: t.string(),
  flag: t.boolean(),
  small: t.int32(),
  big: t.int64(),
  exact: t.int64({ as: 'number' }),
  real: t.float64(),
  time: t.timestamp(),
  seconds: t.timestamp({ unit: 's' }),
  bytes: t.bytes(),
  any: t.json(),
  [THEN]: t.string().nullable(),
  constructor: t.int64().nullable(),
  ['__proto__']: t.string().nullable(),
  'a"b\u2028': t.float64().nullable(),
})

const FULL: Row = {
  text: 'ü \u2028 "',
  flag: true,
  small: -5,
  big: 2n ** 63n - 1n,
  exact: Number.MAX_SAFE_INTEGER,
  real: 0.1,
  time: 1_785_578_400_250,
  seconds: 1_785_578_400_250,
  bytes: Buffer.from([0, 255]),
  any: { deep: [1, null, 'x', 12345678901234567890n] },
  [THEN]: 'later',
  constructor: -(2n ** 63n),
  ['__proto__']: 'own',
  'a"b\u2028': -0,
}
const SPARSE: Row = {
  ...FULL,
  text: '',
  flag: false,
  real: 1e300,
  time: 0,
  seconds: -1,
  bytes: Buffer.alloc(0),
  any: [],
  [THEN]: null,
  constructor: null,
  ['__proto__']: null,
  'a"b\u2028': null,
}

describe('checked', () => {
  const spoil = (name: string, value: string): Buffer => {
    const whole = encode(json(Everything), { ...FULL, big: 1n, any: 0, constructor: null })
    const object = JSON.parse(whole) as object
    const rest = Object.entries(object).filter(([key]) => key !== name)
    const label = `${JSON.stringify(name)}:`
    const others = rest.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`)
    return text(`{${[...others, ...(value === '' ? [] : [label + value])].join(',')}}`)
  }
  const unfit = schema({ text: t.int32() })

  testSerde(hooks, () => json(Everything), {
    rows: [FULL, SPARSE],
    bad: [
      { bytes: text('') },
      { bytes: text('null') },
      { bytes: text('[]') },
      { bytes: text('"x"') },
      { bytes: text('{"text":') },
      { bytes: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
      { bytes: text(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) },
      { bytes: spoil('text', '1'), field: 'text' },
      { bytes: spoil('text', 'null'), field: 'text' },
      { bytes: spoil('text', ''), field: 'text' },
      { bytes: spoil('small', '2147483648'), field: 'small', code: 'OVERFLOW' },
      { bytes: spoil('big', '9223372036854775808'), field: 'big', code: 'OVERFLOW' },
      { bytes: spoil('exact', '9007199254740992'), field: 'exact', code: 'OVERFLOW' },
      { bytes: spoil('real', '"1"'), field: 'real' },
      { bytes: spoil('time', '1785578400'), field: 'time', code: 'TIMESTAMP_UNIT' },
      { bytes: spoil('time', '"2026-08-01"'), field: 'time' },
      { bytes: spoil('bytes', '"?"'), field: 'bytes' },
      { bytes: spoil('__proto__', '{"x":1}'), field: '__proto__' },
    ],
    unwritable: [
      OPEN_SCHEMA,
      unfit,
      new Schema([...Everything.fields.slice(1), { name: 'text', type: t.string().nullable() }]),
    ],
  })

  test('says what was expected, what was there and where', () => {
    const { failures } = decode(json(Everything), 'all', [spoil('text', ''), spoil('flag', '0')])
    expect(failures).toEqual([
      {
        index: 0,
        field: 'text',
        code: 'DECODE_FAILED',
        expected: 'string',
        got: 'no such field',
      },
      { index: 1, field: 'flag', code: 'DECODE_FAILED', expected: 'true or false', got: '0' },
    ])
  })
})

describe('open', () => {
  const odd = { ['__proto__']: 'own', constructor: [1], [THEN]: null, 'a"b': { c: true } }
  testSerde(hooks, () => json(), {
    rows: [
      { a: 1, b: 'x' },
      odd,
      {},
      { n: 12345678901234567890n, deep: { n: [9007199254740993n] } },
    ],
    bad: [{ bytes: text('1') }, { bytes: text('{') }, { bytes: text('{"a":\u00a01}') }],
  })

  test('keeps whole values, all of them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
        const record = JSON.stringify(value)
        const decoded = decode(json(), 'all', [text(record)])
        expect(decoded.columns).toEqual([])
        expect(JSON.parse(encode(json(), rows(decoded)[0] as Row))).toEqual(JSON.parse(record))
      }),
    )
  })
})

/** What zod and others give, written by hand: an object with a positive number `n`. */
function positive(
  mode: 'now' | 'promise' | 'throw' = 'now',
): StandardSchema<unknown, { n: number }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: value => {
        if (mode === 'throw') throw new Error('not today')
        if (mode === 'promise') return Promise.reject(new Error('later'))
        const { n } = value as { n?: unknown }
        if (typeof n === 'number' && n > 0) return { value: { n: n * 2 } }
        return { issues: [{ message: 'a positive number', path: [{ key: 'n' }] }] }
      },
    },
  }
}

describe('Standard Schema', () => {
  test('checks and replaces the value', () => {
    const serde: Serde<{ n: number }> = json(positive())
    const decoded = decode(serde, 'all', [text('{"n":2}'), text('{"n":-1}'), text('{')])
    expect(rows(decoded)[0]).toEqual({ n: 4 })
    expect(decoded.failures).toMatchObject([
      { index: 1, field: 'n', code: 'DECODE_FAILED', expected: 'a positive number', got: '-1' },
      { index: 2, expected: 'valid JSON' },
    ])
    expect(decode(serde, ['n'], [text('{"n":2}')]).columns[0]?.get(0)).toBe(4)
  })

  test('that answers later or throws is a failure', () => {
    const [later] = decode(json(positive('promise')), 'all', [text('{}')]).failures
    expect(later).toMatchObject({ got: 'a promise' })
    expect(later?.expected).toContain('asynchronous ones cannot decode records')
    const [thrown] = decode(json(positive('throw')), 'all', [text('{}')]).failures
    expect(thrown).toMatchObject({ got: 'Error: not today' })
  })

  test('may be a function, and anything else is refused', () => {
    const callable = Object.assign(() => 1, positive())
    expect(rows(decode(json(callable), 'all', [text('{"n":1}')]))).toEqual([{ n: 2 }])
    for (const wrong of [{}, null, 'x', { '~standard': null }]) {
      expect(() => json(wrong as never)).toThrow(MillraceError)
    }
  })
})

const PLACE = { name: 'test', partition: 0, firstOffset: 0 }

function encode(serde: Serde, row: Row): string {
  const batch = sourceBatch([{ value: row }], serde.schema, 'all', PLACE)
  const out = new ByteWriter()
  serde.encoder(serde.schema).encode(batch, 0, out)
  return out.copy().toString()
}

function decode(serde: Serde, read: ColumnsRead, records: readonly Buffer[]): Decoded {
  let end = 0
  const ranges: ByteRanges = {
    count: records.length,
    data: Buffer.concat(records),
    start: Int32Array.from(records, record => {
      end += record.length
      return end - record.length
    }),
    size: Int32Array.from(records, record => record.length),
  }
  return serde.decoder(read).decode(ranges)
}

function rows(decoded: Decoded): Row[] {
  const length = decoded.rest?.length ?? decoded.columns[0]?.length ?? 0
  const empty = new Array(length).fill({ value: {} })
  const batch = sourceBatch(empty, new Schema([]), 'all', PLACE).with(decoded)
  return Array.from({ length }, (_, index) => rowsOf(batch)(index))
}
