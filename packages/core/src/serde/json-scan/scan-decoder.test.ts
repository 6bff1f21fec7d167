/**
 * The generated scan against the clear decoder: equal in every cell and failure, on records made
 * to be awkward, spoilt records and random columns read; and planted bugs, each of which the same
 * comparison finds.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { type Field, Schema } from '../../schema/schema.ts'
import { JsonDecoder } from '../json-decoder.ts'
import type { ByteRanges, ColumnsRead, Decoded } from '../serde.ts'
import { compile, SCAN_PARTS } from './compiled-scan.ts'
import { FAULT, stringEnd } from './lexer.ts'
import { NUMBER } from './number-scan.ts'
import { scanCode } from './scan-code.ts'
import { fieldPlans, jsonDecoder, ScanDecoder } from './scan-decoder.ts'

/** Fixed, so that a planted bug is found or not found each time; `FUZZ_RUNS` searches further. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_500)

const NAMES = ['a', 'b', 'user_id', 'amount', '__proto__', 'constructor', 'q"\n', 'é\u2028', '', '\ud800']

const BASE_TYPES = [
  ...[t.string(), t.boolean(), t.int32(), t.int64(), t.int64({ as: 'number' }), t.float64()],
  ...[t.timestamp(), t.bytes(), t.json()],
  ...(['s', 'ms', 'us', 'ns'] as const).map(unit => t.timestamp({ unit })),
]

const NUMBERS = [
  ...['0', '-0', '1', '-1', '7.5', '0.1', '-0.1', '12.34', '1E+2', '1e-2', '1e400', '-1e400', '0e0'],
  ...['00', '01', '-01', '1.', '.5', '+1', '1e', '1e+', '--1', '-', '0x1', 'NaN', 'Infinity'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '1.0', '100e-2', '5e-324'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
  ...['-9223372036854775809', '1000000000000000000', '-1000000000000000000', '4294967296000000000'],
  ...['0.30000000000000004', '123456789012345.6', '1234567890.1234567', '0.000000000000001234'],
  ...['1785578400', '1785578400000', '1785578400000000', '1785578400000000000', '1785578400.123456'],
  ...['8640000000000000', '8640000000000001', '8639999999999.999', '9e15', '1'.repeat(400)],
  ...['179769313486231580793728971405301e276', '12345678901234567890', '0.1e1', '1.7976931348623159e308'],
]

const STRINGS = [
  ...['', 'x', 'user_1', 'é', '\u{1f600}', '\u2028', 'a'.repeat(300), '\u007f', '\ufffd', '\ufeff'],
  ...['12', '-9223372036854775808', '9223372036854775808', 'AAECAw==', 'AAE', 'AA=A', '?'],
  ...['2026-08-01T10:00:00Z', '2026-08-01T12:00:00.25+02:00', '2026-08-01t10:00:00z'],
  ...['2026-02-29T00:00:00Z', '2024-02-29T23:59:59.999999999Z', '1900-02-29T00:00Z', '0001-01-01T00:00Z'],
  ...['2026-08-01', '2026-08-01T10:00:00', '2026-08-01T24:00:00Z', '2026-08-01 10:00:00,5Z'],
  ...['2026-08-01T10:00:00.Z', '2026-08-01T10:60Z', '2026-13-01T00:00Z', '2026-00-01T00:00Z'],
  ...['+012026-01-01T00:00:00Z', '1969-12-31T23:59:59.9-00:01', '2026-08-01T10:00:00+0200'],
  ...['2026-08-01T10:00:60Z', '2026-08-32T10:00Z', '2000-02-29T10:00:00.1234567891Z'],
].map(text => JSON.stringify(text))

const ODD_STRINGS = [
  ...['"\\n\\t\\"\\\\\\/\\b\\f\\r"', '"\\u0041"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00x"', '"\\u12"'],
  ...['"\\x"', '"\\', '"a\nb"', '"\u0001"', '"\\u00zz"', '"unclosed', '"\\\\"', "'x'", '"\\U0041"'],
]

const NESTED = [
  ...['{}', '[]', '{"a":1}', '[1,[2,{"b":[]}]]', '{"a":{"a":{"a":"}"}}}', '[1,]', '{,}', '{"a"}', '[,1]'],
  ...['{"a":1,}', '[1 2]', '{"a" 1}', '{1:2}', '[01]', '["\\ud800",12345678901234567890]', '[1e400,-0]'],
  ...['{"__proto__":{"x":1}}', '[nul]', '[tru,1]', '{"a":tru}', '[{]}', '["a\u0001"]', '{"\\u0061":[null]}'],
  ...[498, 499, 500].map(depth => '['.repeat(depth) + ']'.repeat(depth)),
]

const OTHERS = ['true', 'false', 'null', 'nul', 'nulL', 'trues', 'fals', 'undefined', '', 'truE', 'falsE']

const valueText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 3, arbitrary: fc.constantFrom(...STRINGS) },
  fc.constantFrom(...ODD_STRINGS),
  fc.constantFrom(...NESTED),
  { weight: 2, arbitrary: fc.constantFrom(...OTHERS) },
  fc.double().map(String),
  fc.maxSafeInteger().map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.integer().map(String),
  fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
  fc.date({ noInvalidDate: true }).map(date => JSON.stringify(date)),
  fc.json(),
)

const blank = fc.constantFrom('', '', '', '', ' ', '\n', '\t \r', '\u00a0', '\v')

const nameText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES).map(name => JSON.stringify(name)) },
  fc.constantFrom('"\\u0061"', '"other"', '"user_ix"', '"amounT"', '"b\\u0000"', 'a', '"', '"\ufffd"'),
)

/** A value that suits the type, for records that are good. */
function goodText({ type: { kind, isNullable } }: Field): fc.Arbitrary<string> {
  const texts: Readonly<Record<string, readonly string[]>> = {
    string: [...STRINGS, '"\\u0041\\n"', '"\\ud83d"'],
    boolean: ['true', 'false'],
    int32: ['0', '-0', '2147483647', '-2147483648', '15'],
    int64: ['0', '-7', '9223372036854775807', '-9223372036854775807', '"12"', '9007199254740993'],
    float64: ['0.1', '-0', '12.34', '5', '1e3', '0.30000000000000004', '123456789012345678'],
    timestamp: ['1785578400123', '"2026-08-01T10:00:00.5Z"', '0', '-5.5', '8640000000001.5'],
    bytes: ['""', '"AAECAw=="'],
    json: ['1', '"x"', '[1,{"a":null}]', '12345678901234567890', 'true', '-0'],
  }
  return fc.constantFrom(...(texts[kind] as string[]), ...(isNullable ? ['null'] : []))
}

interface Case {
  readonly schema: Schema
  readonly read: readonly string[]
  readonly records: readonly (Buffer | null)[]
}

const fields: fc.Arbitrary<Field[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...NAMES),
    type: fc
      .tuple(fc.constantFrom(...BASE_TYPES), fc.boolean())
      .map(([type, isNullable]) => (isNullable ? type.nullable() : type)),
  }),
  { selector: field => field.name, minLength: 1, maxLength: 6 },
)

/** Pairs of name and value, good ones and others, in some order, with white space. */
function recordText(schema: Schema): fc.Arbitrary<string> {
  const good = fc.tuple(
    ...schema.fields.map(field =>
      goodText(field).map(value => `${JSON.stringify(field.name)}:${value}`),
    ),
  )
  const other = fc
    .tuple(blank, nameText, blank, blank, valueText, blank)
    .map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`)
  const whole = fc.tuple(good, fc.array(other, { maxLength: 2 }), fc.nat(9), fc.boolean(), blank)
  return whole.map(([pairs, others, at, isBad, around]) => {
    const all = isBad ? [...pairs] : pairs.filter((_, i) => i !== at)
    all.splice(at % (all.length + 1), 0, ...others)
    return `${around}{${all.join(',')}}${around}`
  })
}

/** The bytes of a record, sometimes cut or spoilt. */
function recordBytes(schema: Schema): fc.Arbitrary<Buffer | null> {
  const spoil = fc.record({ at: fc.nat(200), byte: fc.constantFrom(...SPOILING), kind: fc.nat(9) })
  return fc.tuple(recordText(schema), spoil).map(([text, { at, byte, kind }]) => {
    const bytes = Buffer.from(text)
    const place = at % (bytes.length + 1)
    if (kind === 0) return bytes.subarray(0, place)
    if (kind === 1 && place < bytes.length) bytes[place] = byte
    if (kind !== 2) return kind === 3 && at > 180 ? null : bytes
    return Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)])
  })
}

const SPOILING = [0, 0x0b, 0x1f, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x65]
SPOILING.push(0x7b, 0x7d, 0x7f, 0x80, 0xa9, 0xc0, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff)

const cases: fc.Arbitrary<Case> = fc.tuple(fields, fc.boolean()).chain(([declared, isOpen]) => {
  const schema = new Schema(declared, isOpen)
  const names = isOpen ? NAMES : schema.names
  return fc.record({
    schema: fc.constant(schema),
    read: fc.subarray([...names]),
    records: fc.array(recordBytes(schema), { minLength: 1, maxLength: 4 }),
  })
})

function ranges(records: readonly (Buffer | null)[]): ByteRanges {
  const parts = records.map(record => Buffer.concat([Buffer.from('1"}'), record ?? Buffer.alloc(0)]))
  let end = 0
  const start = Int32Array.from(parts, part => {
    end += part.length
    return end - part.length + 3
  })
  const size = Int32Array.from(records, record => record?.length ?? -1)
  // Behind the last record there is nothing.
  return { count: records.length, data: Buffer.concat(parts), start, size }
}

/** All that a decoder says. */
function told(decoded: Decoded, count: number): unknown {
  const cells = decoded.columns.map(column => {
    return Array.from({ length: count }, (_, index) => [column.get(index), column.isNull(index)])
  })
  const { schema, rest, failures } = decoded
  return { schema: String(schema), cells, failures, rest: rest?.values ?? null }
}

function clearly(schema: Schema, read: ColumnsRead, records: Case['records']): unknown {
  const clear = new JsonDecoder({ schema, standard: null }, read)
  return told(clear.decode(ranges(records)), records.length)
}

type Make = (schema: Schema, read: readonly string[]) => { decode(ranges: ByteRanges): Decoded }

const scanning: Make = (schema, read) => jsonDecoder({ schema, standard: null }, read)

/** The first case in which the decoder made is not equal to the clear one; null = none. */
function difference(make: Make, runs = RUNS): fc.RunDetails<[Case]> | null {
  const property = fc.property(cases, ({ schema, read, records }) => {
    const decoded = make(schema, read).decode(ranges(records))
    return isDeepStrictEqual(told(decoded, records.length), clearly(schema, read, records))
  })
  const details = fc.check(property, { numRuns: runs, seed: SEED })
  return details.failed ? details : null
}

function counterexample(details: fc.RunDetails<[Case]> | null): unknown {
  const found = details?.counterexample?.[0]
  if (found === undefined) return details?.errorInstance ?? null
  const { schema, read, records } = found
  return { schema: String(schema), read, records: records.map(String), error: details?.errorInstance }
}

test('equals the clear decoder on awkward records, whatever is read', () => {
  expect(counterexample(difference(scanning))).toBe(null)
}, 120_000)
