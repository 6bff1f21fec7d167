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
import { compile, compiledScan, SCAN_PARTS, type Scan } from './compiled-scan.ts'
import { FAULT, stringEnd } from './lexer.ts'
import { integerEnd, NUMBER, WORDS } from './number-scan.ts'
import { plainScan } from './plain-scan.ts'
import { scanCode } from './scan-code.ts'
import { fieldPlans, jsonDecoder, ScanDecoder } from './scan-decoder.ts'
import { type ScanMemory, scanMemory } from './scan-memory.ts'
import { timeScan } from './time-scan.ts'

/** Fixed, so that a planted bug is found or not found each time; `FUZZ_RUNS` searches further. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000)

const PLAIN_NAMES = ['a', 'b', 'user_id', 'amount', 'user_iq', 'é\u2028', '']
const NAMES = [
  'a',
  'b',
  'user_id',
  'amount',
  '__proto__',
  'constructor',
  'q"\n',
  'é\u2028',
  '',
  '\ud800',
]

const BASE_TYPES = [
  ...[t.string(), t.boolean(), t.int32(), t.int64(), t.int64({ as: 'number' }), t.float64()],
  ...[t.timestamp(), t.bytes(), t.json()],
  ...[t.decimal(9, 2), t.decimal(38, 10)],
  t.struct({ a: t.int64().nullable(), b: t.list(t.decimal(9, 2)).nullable() }),
  ...(['s', 'ms', 'us', 'ns'] as const).map(unit => t.timestamp({ unit })),
]

const NUMBERS = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '7.5',
    '0.1',
    '-0.1',
    '12.34',
    '1E+2',
    '1e-2',
    '1e400',
    '-1e400',
    '0e0',
  ],
  ...['00', '01', '-01', '1.', '.5', '+1', '1e', '1e+', '--1', '-', '0x1', 'NaN', 'Infinity'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '1.0', '100e-2', '5e-324'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
  ...['-9223372036854775809', '1000000000000000000', '-1000000000000000000', '4294967296000000000'],
  ...['0.30000000000000004', '123456789012345.6', '1234567890.1234567', '0.000000000000001234'],
  ...[
    '1785578400',
    '1785578400000',
    '1785578400000000',
    '1785578400000000000',
    '1785578400.123456',
  ],
  ...['8640000000000000', '8640000000000001', '8639999999999.999', '9e15', '1'.repeat(400)],
  ...[
    '179769313486231580793728971405301e276',
    '12345678901234567890',
    '0.1e1',
    '1.7976931348623159e308',
  ],
]

const STRINGS = [
  ...['', 'x', 'user_1', 'é', '\u{1f600}', '\u2028', 'a'.repeat(300), '\u007f', '\ufffd', '\ufeff'],
  ...['12', '-9223372036854775808', '9223372036854775808', 'AAECAw==', 'AAE', 'AA=A', '?'],
  ...['2026-08-01T10:00:00Z', '2026-08-01T12:00:00.25+02:00', '2026-08-01t10:00:00z'],
  ...[
    '2026-02-29T00:00:00Z',
    '2024-02-29T23:59:59.999999999Z',
    '1900-02-29T00:00Z',
    '0001-01-01T00:00Z',
  ],
  ...['2026-08-01', '2026-08-01T10:00:00', '2026-08-01T24:00:00Z', '2026-08-01 10:00:00,5Z'],
  ...['2026-08-01T10:00:00.Z', '2026-08-01T10:60Z', '2026-13-01T00:00Z', '2026-00-01T00:00Z'],
  ...['+012026-01-01T00:00:00Z', '1969-12-31T23:59:59.9-00:01', '2026-08-01T10:00:00+0200'],
  ...['2026-08-01T10:00:60Z', '2026-08-32T10:00Z', '2000-02-29T10:00:00.1234567891Z'],
].map(text => JSON.stringify(text))

const ODD_STRINGS = [
  ...[
    '"\\n\\t\\"\\\\\\/\\b\\f\\r"',
    '"\\u0041"',
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    '"\\udc00x"',
    '"\\u12"',
  ],
  ...['"\\x"', '"\\', '"a\nb"', '"\u0001"', '"\\u00zz"', '"unclosed', '"\\\\"', "'x'", '"\\U0041"'],
]

const NESTED = [
  ...[
    '{}',
    '[]',
    '{"a":1}',
    '[1,[2,{"b":[]}]]',
    '{"a":{"a":{"a":"}"}}}',
    '[1,]',
    '{,}',
    '{"a"}',
    '[,1]',
  ],
  ...[
    '{"a":1,}',
    '[1 2]',
    '{"a" 1}',
    '{1:2}',
    '[01]',
    '["\\ud800",12345678901234567890]',
    '[1e400,-0]',
  ],
  ...[
    '{"__proto__":{"x":1}}',
    '[nul]',
    '[tru,1]',
    '{"a":tru}',
    '[{]}',
    '["a\u0001"]',
    '{"\\u0061":[null]}',
  ],
  ...[498, 499, 500].map(depth => '['.repeat(depth) + ']'.repeat(depth)),
]

const OTHERS = [
  'true',
  'false',
  'null',
  'nul',
  'nulL',
  'trues',
  'fals',
  'undefined',
  '',
  'truE',
  'falsE',
]

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

const blank = fc.constantFrom('', '', ' ', '\n', '\t \r', '\u00a0', '\v', '\ufeff', '\0')

const nameText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES).map(name => JSON.stringify(name)) },
  fc.constantFrom(
    '"\\u0061"',
    '"other"',
    '"user_ix"',
    '"amounT"',
    '"b\\u0000"',
    'a',
    '"',
    '"\ufffd"',
  ),
)

/** A value that suits the type, for records that are good. */
function goodText({ type: { kind, isNullable } }: Field): fc.Arbitrary<string> {
  const texts: Readonly<Record<string, readonly string[]>> = {
    string: [...STRINGS, '"\\u0041\\n"', '"\\ud83d"'],
    boolean: ['true', 'false'],
    int32: ['0', '-0', '2147483647', '-2147483648', '15', '2147483648'],
    int64: ['0', '-7', '9223372036854775807', '-9223372036854775807', '"12"', '9007199254740993'],
    float64: [
      '0.1',
      '-0',
      '1.14',
      '12.34',
      '5',
      '1e3',
      '0.30000000000000004',
      '123456789012345678',
    ],
    timestamp: ['1785578400123', '"2026-08-01T10:00:00.5Z"', '0', '-5.5', '8640000000001.5'],
    bytes: ['""', '"AAECAw=="'],
    struct: [
      ...[
        '{}',
        '{"a":null,"b":[]}',
        '{"b":[1.10,"2.5",-0.05]}',
        '{"a":12345678901234567,"x":[{}]}',
      ],
      ...[
        '{"a":1.5}',
        '{"b":[1.234]}',
        '{"b":[null]}',
        '[]',
        '{"b":{}}',
        '{"a":1,"a":"x"}',
        '"{}"',
      ],
    ],
    // Some of them fit one of the types only, or none.
    decimal: [
      ...['0', '-0.0', '0.5', '"0.25"', '-0.99', '0.10', '"0e5"', '5e-1', '"-0.01"', '12.345'],
      ...['12.340', '-1234567.89', '12345678', '99999', '1.5e1', '"1e2"', '1e-99999999999'],
      ...['1234567890123456789012345678.0123456789', '-12345678901.0000000001', '007', '"1."'],
    ],
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
    name: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...PLAIN_NAMES) },
      fc.constantFrom(...NAMES),
    ),
    type: fc
      .tuple(fc.constantFrom(...BASE_TYPES), fc.boolean())
      .map(([type, isNullable]) => (isNullable ? type.nullable() : type)),
  }),
  { selector: field => field.name, minLength: 1, maxLength: 6 },
)

const SPOILING = [0, 0x0b, 0x1f, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x65]
SPOILING.push(0x7b, 0x7d, 0x7f, 0x80, 0xa9, 0xc0, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff)

/**
 * What is odd about a record, mostly one thing: two odd things hide each other. `swap` gives a
 * column an odd value, `drop` takes it out, `add` adds a pair, `blank` puts something between two
 * tokens, `cut` and `spoil` change the bytes.
 */
const oddity = fc.record({
  kind: fc.constantFrom('none', 'swap', 'swap', 'drop', 'add', 'add', 'blank', 'cut', 'spoil'),
  place: fc.nat(1_000),
  name: nameText,
  value: valueText,
  between: blank,
  byte: fc.constantFrom(...SPOILING),
  isInserted: fc.boolean(),
})
type Oddity = typeof oddity extends fc.Arbitrary<infer T> ? T : never

function oddBytes(pairs: readonly (readonly [string, string])[], odd: Oddity): Buffer | null {
  const { kind, place, name, value, between, byte, isInserted } = odd
  const tokens = pairs.map(([label, good]) => [label, ':', good])
  const at = place % (tokens.length + 1)
  if (kind === 'swap' && at < tokens.length) tokens[at]?.splice(2, 1, value)
  else if (kind === 'drop') tokens.splice(at, 1)
  else if (kind === 'add') tokens.splice(at, 0, [name, ':', value])
  const all = ['{', ...tokens.flatMap((three, i) => (i === 0 ? three : [',', ...three])), '}']
  if (kind === 'blank') all.splice(place % (all.length + 1), 0, between)
  const bytes = Buffer.from(all.join(''))
  const cut = place % (bytes.length + 1)
  if (kind === 'cut') return place > 990 ? null : bytes.subarray(0, cut)
  if (kind !== 'spoil') return bytes
  const rest = bytes.subarray(isInserted ? cut : cut + 1)
  return Buffer.concat([bytes.subarray(0, cut), Buffer.from([byte]), rest])
}

function recordBytes(schema: Schema): fc.Arbitrary<Buffer | null> {
  const undeclared = fc.tuple(fc.constantFrom('"other"', '"é"'), fc.constantFrom(...STRINGS, '1.5'))
  const good = schema.fields.map(field =>
    goodText(field).map(value => [JSON.stringify(field.name), value] as const),
  )
  return fc
    .tuple(fc.tuple(...good), fc.array(undeclared, { maxLength: 1 }), fc.nat(3), oddity, oddity)
    .map(([pairs, further, turn, odd, other]) => {
      const all = [...pairs.slice(turn), ...further, ...pairs.slice(0, turn)]
      return oddBytes(all, turn === 3 ? other : odd)
    })
}

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
  const parts = records.map(record =>
    Buffer.concat([Buffer.from('1"}'), record ?? Buffer.alloc(0)]),
  )
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

/** As `scanning` does it with many records: what WebAssembly refuses comes to the generated scan. */
const plainFirst: Make = (schema, read) => {
  const clear = new JsonDecoder({ schema, standard: null }, read)
  if (clear.schema.isOpen) return clear
  const plans = fieldPlans(schema, clear.schema)
  const plain = plainScan(plans, scanMemory() as ScanMemory, 0)
  return new ScanDecoder(clear, compiledScan(plans) as Scan, plain)
}

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
  return {
    schema: String(schema),
    read,
    records: records.map(String),
    error: details?.errorInstance,
  }
}

test.each([
  ['generated code alone', scanning],
  ['WebAssembly before it', plainFirst],
])(
  'equals the clear decoder on awkward records, whatever is read: %s',
  (_, make) => {
    expect(counterexample(difference(make))).toBe(null)
  },
  120_000,
)

test('equals it on a record cut at every byte, and spoilt at every byte', () => {
  const schema = new Schema([
    { name: 'text', type: t.string() },
    { name: 'flag', type: t.boolean().nullable() },
    { name: 'small', type: t.int32() },
    { name: 'big', type: t.int64() },
    { name: 'real', type: t.float64() },
    { name: 'time', type: t.timestamp() },
    { name: 'iso', type: t.timestamp() },
    { name: 'any', type: t.json().nullable() },
  ])
  const whole = Buffer.from(
    '{"text": "é\\n\\u0041", "flag":true,"small":-12,"other":[1,{"x":null}],"big":9007199254740993,' +
      '"real":1.25e1 ,"time":1785578400000,"iso":"2026-08-01T10:00:00.5Z","any":{"a":[-0,"b"]}}',
  )
  const cut = Array.from(whole, (_, end) => whole.subarray(0, end))
  const spoilt = SPOILING.flatMap(byte =>
    Array.from(whole, (_, at) => {
      const record = Buffer.from(whole)
      record[at] = byte
      return record
    }),
  )
  const records = [whole, ...cut, ...spoilt, null, Buffer.concat([whole, whole])]
  for (const read of [schema.names, ['real'], []]) {
    const decoded = scanning(schema, read).decode(ranges(records))
    expect(told(decoded, records.length)).toEqual(clearly(schema, read, records))
    expect(decoded.failures[0]?.index).toBe(1)
  }
})

test('records of any length and any number of them', () => {
  const schema = new Schema([{ name: 'text', type: t.string() }])
  const long = 'x'.repeat(1_000_000)
  const texts = [long, '', `${long}\\n`, 'é'.repeat(100_000)]
  const records = texts.map(text => Buffer.from(`{"more":"${long}","text":"${text}"}`))
  const decoded = scanning(schema, ['text']).decode(ranges(records))
  expect(decoded.failures).toEqual([])
  expect(texts.map((_, i) => decoded.columns[0]?.get(i) === JSON.parse(`"${texts[i]}"`))).toEqual(
    texts.map(() => true),
  )
  expect(scanning(schema, ['text']).decode(ranges([])).columns[0]?.length).toBe(0)
})

/** The scan with its source or its parts spoilt; source that is not changed is an error. */
function planted(spoil: (code: string) => string, parts: Record<string, unknown> = {}): Make {
  return (schema, read) => {
    const clear = new JsonDecoder({ schema, standard: null }, read)
    if (clear.schema.isOpen) return clear
    const plans = fieldPlans(schema, clear.schema)
    const code = spoil(scanCode(plans))
    return new ScanDecoder(clear, compile(code, { ...SCAN_PARTS, ...parts }, plans), null)
  }
}

const bySource = (from: string | RegExp, to: string) => planted(code => code.replace(from, to))
const byPart = (parts: Record<string, unknown>) => planted(code => code, parts)

type End = (data: Buffer, at: number, end: number) => number
const part = (name: string): End => SCAN_PARTS[name] as End

/** The part lets through, up to where `tokenEnd` says, what it should refuse. */
function lenient(name: string, tokenEnd: End): Make {
  const strict = part(name)
  return byPart({
    [name]: (data: Buffer, at: number, end: number) => {
      const good = strict(data, at, end)
      return good === FAULT ? tokenEnd(data, at, end) : good
    },
  })
}

const untilComma: End = (data, at, end) => {
  let behind = at
  while (behind < end && data[behind] !== 0x2c && data[behind] !== 0x7d) behind++
  return behind === at ? FAULT : behind
}
const untilQuote: End = (data, at, end) => {
  const close = data.indexOf(0x22, at)
  return close < 0 || close >= end ? FAULT : close
}

/** The part, and then something with the value it has read. */
function afterwards(name: string, spoil: (data: Buffer, from: number, end: number) => void): Make {
  const good = part(name)
  return byPart({
    [name]: (data: Buffer, from: number, end: number) => {
      const behind = good(data, from, end)
      if (behind !== FAULT) spoil(data, from, behind)
      return behind
    },
  })
}

const numberText = (data: Buffer, from: number, end: number) => data.toString('latin1', from, end)

const PLANTED: Readonly<Record<string, Make>> = {
  'equal names are not noticed: a null does not win': bySource(/\(seen0 & (\d+)\) !== 0/g, 'false'),
  'the first of equal names wins': bySource(
    /if \(\(seen0 & (\d+)\) !== 0\) return index/g,
    'if ((seen0 & $1) !== 0) { at = valueEnd(data, at, end, 1); if (at < 0) return index; break }',
  ),
  'a missing column is not noticed': bySource(/if \(\(seen0 & \d+\) === 0\) return index/g, ''),
  'a missing column is not null': bySource(/if \(\(seen0 & \d+\) === 0\) cells.*/g, ''),
  'null is no null': bySource(/cells\d+\.setNull\(index\)/g, ''),
  'null records are skipped': bySource(/(length\[index\] < 0\) \{)[^}]*/, '$1 continue '),
  'nulls are not told by more than their first byte': byPart({ isNull: () => true }),
  'bytes behind the object are ignored': bySource(/if \(at !== end && blankEnd.*/, ''),
  'a skipped value is not checked': lenient('valueEnd', untilComma),
  'a column that is not read is not checked': bySource(
    /if \(byte !== 34\) return index\s+const close = stringEnd\(data, at \+ 1, end\)\s+if \(close >= 0\) \{\s+at/g,
    'if (byte !== 34) { at = valueEnd(data, at, end, 1); if (at < 0) return index; break }\n' +
      'const close = stringEnd(data, at + 1, end)\n if (close >= 0) {\n at',
  ),
  'nesting is counted from the value': bySource(
    /valueEnd\(data, at, end, 1\)/g,
    'valueEnd(data, at, end, 0)',
  ),
  'a colon may be anything': bySource('data[at] !== 0x3a) return index', 'false) return index'),
  'a comma may be anything': bySource('else return index\n', 'else at = at\n'),
  'a name may be without quotes': bySource(
    'data[at] !== 0x22) return index',
    'false) return index',
  ),
  'names with escapes are other names': bySource(
    /const close = stringEnd\(data, at, end\)\s+if \(close < 0\) return index/,
    'let close = stringEnd(data, at, end)\n' +
      'if (close === FAULT) return index\nif (close < 0) close = ~close',
  ),
  'names are told by their length': bySource(
    /if \(data\[at \+ 0\] === \d+\) field/g,
    'if (true) field',
  ),
  'a name is told by its first bytes': bySource(
    / && view\.getInt32\(at \+ 4, true\) === -?\d+/g,
    '',
  ),
  'escapes are read as they stand': bySource(
    /cells(\d+)\.setEscaped\(index, data, at \+ 1, ~close\)/g,
    'values$1[index] = at + 1; size$1[index] = ~close - at - 1',
  ),
  'text is not checked': lenient('stringEnd', untilQuote),
  'text is not checked to be UTF-8': byPart({
    stringEnd: (data: Buffer, at: number, end: number) => {
      return stringEnd(
        Buffer.from(data.toString('latin1').replaceAll(/[\x80-\xff]/g, 'x'), 'latin1'),
        at,
        end,
      )
    },
  }),
  'any white space is white space': byPart({
    blankEnd: (data: Buffer, from: number, end: number) => {
      let at = from
      while (at < end && (data[at] as number) <= 0x20) at++
      return at
    },
  }),
  'numbers are any text that ends': lenient('doubleEnd', untilComma),
  'unread numbers are any text that ends': lenient('numberEnd', untilComma),
  'a boolean is told by its first byte': byPart({
    booleanEnd: (data: Buffer, at: number) => at + (data[at] === 0x74 ? 4 : 5),
  }),
  'digits are added to a fraction': afterwards('doubleEnd', (data, from, end) => {
    const [whole, fraction = ''] = numberText(data, from, end).split('.')
    if (/^\d{1,9}$/.test(fraction))
      NUMBER[0] = Number(whole) + Number(fraction) / 10 ** fraction.length
  }),
  '-0 is 0': afterwards('doubleEnd', () => {
    NUMBER[0] = (NUMBER[0] as number) + 0
  }),
  'long numbers lose digits': afterwards('doubleEnd', (data, from, end) => {
    NUMBER[0] = Number(numberText(data, from, Math.min(end, from + 17)))
  }),
  '64-bit integers are doubles': afterwards('longEnd', (data, from, end) => {
    const value = BigInt.asIntN(64, BigInt(Number(numberText(data, from, end))))
    WORDS[0] = Number(BigInt.asIntN(32, value))
    WORDS[1] = Number(value >> 32n)
  }),
  'digits of decimals are not padded': bySource(
    /decimalEnd\(data, at, end, (\d+), \d+\)/g,
    'decimalEnd(data, at, end, $1 + 20, 20)',
  ),
  'decimals lose their upper half': bySource(/values\d+\[4 \* index \+ 3\] = .*/g, ''),
  'decimals of any size are taken': bySource(
    /decimalEnd\(data, at, end, \d+, (\d+)\)/g,
    'decimalEnd(data, at, end, 38, $1)',
  ),
  'lists and structs that are not read are not checked': bySource(
    /if \(cell === undefined\) return index\s+break/g,
    'break',
  ),
  'what is wrong in lists and structs is null': bySource(
    /if \(cell === undefined\) return index\s+cells(\d+)\.put\(index, cell\)/g,
    'cells$1.put(index, cell ?? null)',
  ),
  'base64 is not checked': byPart({ isBase64: () => true }),
  '32 bits are not checked': byPart({ int32End: integerEnd }),
  'times of any size are taken': byPart({ timeEnd_any: timeScan('ms') }),
  'times are cut towards zero': afterwards('timeEnd_any', (data, from, end) => {
    if (data[from] !== 0x22) NUMBER[0] = Math.trunc(Number(numberText(data, from, end)))
  }),
}

describe('planted bugs are found', () => {
  test.each(Object.entries(PLANTED))(
    '%s',
    (_, make) => {
      expect(counterexample(difference(make))).not.toBe(null)
    },
    120_000,
  )
})
