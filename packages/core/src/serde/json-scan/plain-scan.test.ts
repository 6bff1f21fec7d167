/**
 * The scan in WebAssembly against the clear decoder, on records that are plain but for one thing;
 * and bugs planted into its source, each of which the same comparison finds.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { type Field, Schema } from '../../schema/schema.ts'
import { WasmModule } from '../../util/wasm-module.ts'
import { JsonDecoder } from '../json-decoder.ts'
import type { ByteRanges, Decoded } from '../serde.ts'
import { compiledScan, type Scan } from './compiled-scan.ts'
import { plainScan } from './plain-scan.ts'
import { type AnyScanCells, scanCells } from './scan-cells.ts'
import { fieldPlans, ScanDecoder } from './scan-decoder.ts'
import { ScanMemory, scanMemory } from './scan-memory.ts'
import { SCAN_MODULE } from './scan-module.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const WASM = new URL('../../../wasm/', import.meta.url)
const SOURCE = new URL('record-scan.ts', WASM)
const compiler = (await import(new URL('compile-module.mjs', WASM).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 3_000)

const memory = scanMemory() as ScanMemory

/** Of 13, 14, 29 and 30 bytes: a name with quotes and colon is read in one load, two, or not. */
const NAMES = [
  ...['a', 'b', 'user_id', 'thirteen_byte', 'fourteen_bytes', 'fourteen_bytez', '', 'é'],
  ...['a_name_that_has_twenty9_bytes', 'a_name_that_has_twenty9_bytez'],
]

const TEXTS = [
  ...[
    '""',
    '"x"',
    '"user_0000123"',
    '"fifteen bytes.."',
    '"sixteen bytes..."',
    `"${'x'.repeat(47)}"`,
  ],
  ...[
    '"é"',
    '"\u{1f600}"',
    '"fourteen bytesé"',
    '"\ufeff\ud7ff\ue000\uffff\u{10ffff}"',
    '"a\u007fb"',
  ],
  ...['"\\n"', '"a\\"b"', '"sixteen bytes...\\u0041"', '"\u0001"', '"a\nb"', '"open', "'x'", '12'],
]
const WHOLES = [
  ...['0', '-0', '7', '-7', '12345678', '123456789', '1234567890123456', '12345678901234567'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '9007199254740991', '1.0', '1e3'],
  ...['9007199254740992', '-9007199254740993', '123456789012345678', '-999999999999999999'],
  ...['1234567890123456789', '9223372036854775807', '9223372036854775808', '01', '-01', '-', ''],
  ...['1234567a', '1234567:', '1234567/', '12345678E1', '+1', '"12"', '18446744073709551617'],
]
const DOUBLES = [
  ...[
    '0.3',
    '-0.7',
    '12.34',
    '55.00',
    '18446744073709551617',
    '0.30000000000000004',
    '1.5e2',
    '1.5E-2',
    '1.',
    '.5',
    '-0.0',
  ],
  ...['123456789.123456', '9007199254740993', '0.000000000000001', '0.12345678901234567', '00.5'],
  ...['1234567890.12345678', '3.14159265358979323846', '1e400', '99999999.99999999', '12.34.5'],
]
const TIMES = [
  ...['1785578400123', '1785578400123.5', '9999999999', '10000000000', '99999999999999'],
  ...[
    '100000000000000',
    '"2026-08-01T10:00:00Z"',
    '-1785578400123',
    '1785578400',
    '01785578400123',
  ],
]
const WORDS = ['true', 'false', 'null', 'tru', 'trux', 'falsx', 'fals', 'nul', 'nulx', '{}', '[1]']
const ODD = [...TEXTS, ...WHOLES, ...DOUBLES, ...TIMES, ...WORDS]

const TYPES = [
  ...[t.string(), t.boolean(), t.int32(), t.int64(), t.int64({ as: 'number' }), t.float64()],
  ...[t.timestamp(), t.timestamp({ unit: 'ms' })],
]

const field: fc.Arbitrary<Field> = fc.record({
  name: fc.constantFrom(...NAMES),
  type: fc
    .tuple(fc.constantFrom(...TYPES), fc.boolean())
    .map(([type, isNullable]) => (isNullable ? type.nullable() : type)),
})

function valueText({ type: { kind, isNullable } }: Field): fc.Arbitrary<string> {
  const usual: Readonly<Record<string, readonly string[]>> = {
    string: TEXTS.slice(0, 8),
    boolean: ['true', 'false'],
    int32: WHOLES.slice(0, 6),
    int64: WHOLES.slice(0, 8),
    float64: [...WHOLES.slice(0, 7), ...DOUBLES.slice(0, 6)],
    timestamp: TIMES.slice(0, 1),
  }
  const texts = [...(usual[kind] as string[]), ...(isNullable ? ['null'] : [])]
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...texts) }, fc.constantFrom(...ODD))
}

const UNDECLARED = [
  '1',
  '-2.50',
  '"x"',
  'null',
  'true',
  '[1]',
  '{}',
  '01',
  '1.',
  '1e2',
  '"\\n"',
  'x',
]
const SPOILING = [0, 0x09, 0x1f, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x3a, 0x5c, 0x65, 0x7b, 0x7d]
SPOILING.push(0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0xff)

const oddity = fc.record({
  kind: fc.constantFrom('none', 'none', 'drop', 'double', 'add', 'blank', 'cut', 'spoil', 'more'),
  place: fc.nat(1_000),
  name: fc.constantFrom(...NAMES, 'other', 'user_ix', 'a\\u0062', 'a_name_that_has_thirty_3_bytes'),
  text: fc.oneof(fc.constantFrom(...UNDECLARED), fc.constantFrom(...ODD)),
  byte: fc.constantFrom(...SPOILING),
  blank: fc.constantFrom('', ' ', ' ', '  ', '\n', '\0'),
})

/** A record: its pairs in some order, with one thing done to it. */
function recordOf(
  pairs: readonly string[],
  turn: number,
  odd: typeof oddity extends fc.Arbitrary<infer T> ? T : never,
  others: readonly string[],
): Buffer | null {
  const { kind, place, name, text, byte, blank } = odd
  const all = [...pairs.slice(turn), ...pairs.slice(0, turn)]
  const at = place % (all.length + 1)
  if (kind === 'drop') all.splice(at, 1)
  if (kind === 'double') all.splice(at, 0, others[at % others.length] as string)
  if (kind === 'add') all.splice(at, 0, `"${name}":${blank}${text}`)
  const bytes = Buffer.from(`{${all.join(place % 2 === 0 ? ', ' : ',')}}`)
  const cut = place % (bytes.length + 1)
  if (kind === 'cut') return place > 950 ? null : bytes.subarray(0, cut)
  if (kind === 'more') return Buffer.concat([bytes, Buffer.from(blank === '' ? '}' : blank)])
  const inserted = kind === 'blank' ? Buffer.from(blank) : Buffer.of(byte)
  if (kind !== 'blank' && kind !== 'spoil') return bytes
  const rest = bytes.subarray(kind === 'blank' ? cut : cut + 1)
  return Buffer.concat([bytes.subarray(0, cut), inserted, rest])
}

interface Case {
  readonly schema: Schema
  readonly read: readonly string[]
  readonly records: readonly (Buffer | null)[]
  /** What lies behind each record, which must not be taken for a part of it. */
  readonly between?: string
}

const cases: fc.Arbitrary<Case> = fc
  .uniqueArray(field, { selector: ({ name }) => name, minLength: 1, maxLength: 5 })
  .chain(fields => {
    const pair = (each: Field) =>
      fc
        .tuple(valueText(each), fc.constantFrom('', ' '))
        .map(([text, blank]) => `"${each.name}":${blank}${text}`)
    const pairsOf = fc.tuple(...fields.map(pair))
    const record = fc
      .tuple(pairsOf, fc.constantFrom(0, 0, 0, 1, 2), oddity, pairsOf)
      .map(([pairs, turn, odd, others]) => recordOf(pairs, turn, odd, others))
    const schema = new Schema(fields)
    return fc.record({
      schema: fc.constant(schema),
      read: fc.subarray([...schema.names]),
      records: fc.array(record, { minLength: 1, maxLength: 10 }),
      between: fc.constantFrom('', '', '}', '"}', '1}', ',"a":1}'),
    })
  })

function ranges(records: readonly (Buffer | null)[], between = ''): ByteRanges {
  const behind = Buffer.from(between)
  let end = 0
  const start = Int32Array.from(records, record => {
    const from = end
    end += (record?.length ?? 0) + behind.length
    return from
  })
  const size = Int32Array.from(records, record => record?.length ?? -1)
  const data = Buffer.concat(records.flatMap(each => [each ?? Buffer.of(), behind]))
  return { count: records.length, data, start, size }
}

function told({ columns, failures }: Decoded, count: number): unknown {
  const cells = columns.map(column =>
    Array.from({ length: count }, (_, index) => [column.get(index), column.isNull(index)]),
  )
  return { cells, failures }
}

function clearly({ schema, read, records, between }: Case): unknown {
  const clear = new JsonDecoder({ schema, standard: null }, read)
  return told(clear.decode(ranges(records, between)), records.length)
}

function plainly({ schema, read, records, between }: Case, by: ScanMemory): unknown {
  const clear = new JsonDecoder({ schema, standard: null }, read)
  const fields = fieldPlans(schema, clear.schema)
  const decoder = new ScanDecoder(clear, compiledScan(fields) as Scan, plainScan(fields, by, 0))
  return told(decoder.decode(ranges(records, between)), records.length)
}

/** Every beginning of a character with every kind of byte behind it. */
const characters: Case = {
  schema: new Schema([{ name: 'a', type: t.string() }]),
  read: ['a'],
  records: Array.from({ length: 128 }, (_, low) => low + 0x80).flatMap(first =>
    [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0].flatMap(second =>
      [[], [0x80], [0xc0], [0xbf, 0x80], [0xbf, 0x22], [0x41, 0x80]].map(rest =>
        Buffer.concat([
          Buffer.from('{"a":"'),
          Buffer.of(first, second, ...rest),
          Buffer.from('"}'),
        ]),
      ),
    ),
  ),
}
const clearCharacters = clearly(characters)

/** The same records for tables whose fields stand in another order. */
const turned: readonly Case[] = ['ab', 'ba'].map(order => ({
  schema: new Schema([...order].map(name => ({ name, type: t.int32() }))),
  read: ['a', 'b'],
  records: [1, 2, 3].map(n => Buffer.from(`{"a":${n},"b":${n + 10}}`)),
}))

/** A case in which it is not equal to the clear decoder, perhaps the least; null = none. */
function difference(by: ScanMemory, isLeast: boolean): unknown {
  if (!isDeepStrictEqual(plainly(characters, by), clearCharacters)) return 'characters'
  for (const each of turned) {
    if (!isDeepStrictEqual(plainly(each, by), clearly(each))) return 'turned'
  }
  const property = fc.property(cases, each => isDeepStrictEqual(plainly(each, by), clearly(each)))
  const parameters = { numRuns: RUNS, seed: SEED, endOnFailure: !isLeast }
  const { failed, counterexample, errorInstance } = fc.check(property, parameters)
  if (!failed) return null
  const { schema, read, records } = (counterexample as [Case])[0]
  return { schema: `${schema}`, read, records: records.map(String), error: errorInstance }
}

test('equals the clear decoder, whatever is read', () => {
  expect(difference(memory, true)).toBe(null)
}, 300_000)

/** The numbers of the records that are refused. */
function refusedOf(schema: Schema, records: readonly (Buffer | null)[]): number[] {
  const fields = fieldPlans(schema, schema)
  const given = ranges(records, '}')
  const cells = schema.fields.map(({ type }) => scanCells(type, given.count))
  return [...(plainScan(fields, memory, 0)?.scan(given, cells) ?? [-1])]
}

const ALL_KINDS = new Schema([
  { name: 'text', type: t.string() },
  { name: 'flag', type: t.boolean().nullable() },
  { name: 'small', type: t.int32() },
  { name: 'big', type: t.int64() },
  { name: 'safe', type: t.int64({ as: 'number' }) },
  { name: 'real', type: t.float64() },
  { name: 'time', type: t.timestamp() },
])
const PLAIN =
  '{"text": "é and more", "flag":true, "small":-12, "other": "x", "big":123456789012345678, ' +
  '"safe":9007199254740991,"real":-12.345, "time":1785578400123}'

test('plain records are not refused, in any order of fields', () => {
  const turned = '{"time":1785578400123,"real":0,"safe":-5,"big":-1,"small":0,"text":""}'
  const nulled = PLAIN.replace('true', 'null').replace('"x"', '-1.50')
  const records = [PLAIN, turned, nulled, PLAIN.replace('true', 'false')].map(each =>
    Buffer.from(each),
  )
  expect(refusedOf(ALL_KINDS, [...records, null, ...records])).toEqual([])
})

test('a record cut or spoilt anywhere is refused, or read as the clear decoder reads it', () => {
  const whole = Buffer.from(PLAIN)
  const cut = Array.from(whole, (_, end) => whole.subarray(0, end))
  expect(refusedOf(ALL_KINDS, cut)).toEqual(cut.map((_, index) => index))
  const spoilt = SPOILING.flatMap(byte =>
    Array.from(whole, (_, at) => {
      const record = Buffer.from(whole)
      record[at] = byte
      return record
    }),
  )
  for (const read of [ALL_KINDS.names, ['real'], []]) {
    const each = { schema: ALL_KINDS, read, records: [whole, ...cut, ...spoilt, null] }
    expect(plainly(each, memory)).toEqual(clearly(each))
  }
})

test('records that lie in another order, over each other or outside of the others are equal', () => {
  const schema = new Schema([{ name: 'a', type: t.string() }])
  const data = Buffer.from('{"a":"1"}{"a":"2"}{"a":"3"}')
  const clear = new JsonDecoder({ schema, standard: null }, 'all')
  const fields = fieldPlans(schema, clear.schema)
  const decoder = new ScanDecoder(clear, compiledScan(fields) as Scan, plainScan(fields, memory, 0))
  for (const starts of [
    [9, 0, 18],
    [9, 18, 0],
    [0, 0, 0],
    [18, 9, 0],
    [0, 20, 9],
  ]) {
    const given = { count: 3, data, start: Int32Array.from(starts), size: Int32Array.of(9, 9, 9) }
    given.size[1] = Math.min(9, data.length - (starts[1] as number))
    expect(told(decoder.decode(given), 3)).toEqual(told(clear.decode(given), 3))
  }
})

test('what it cannot express is not scanned here', () => {
  const fits = (...fields: Field[]) =>
    plainScan(fieldPlans(new Schema(fields), new Schema(fields)), memory)
  const one = (name: string, type: Field['type'] = t.string()) => fits({ name, type })
  expect(one('a'.repeat(29))).not.toBe(null)
  expect(one('a'.repeat(30))).toBe(null)
  expect(one('a"')).toBe(null)
  expect(one('a', t.bytes())).toBe(null)
  expect(one('a', t.json())).toBe(null)
  expect(one('a', t.timestamp({ unit: 's' }))).toBe(null)
  const many = (count: number) =>
    fits(...Array.from({ length: count }, (_, i) => ({ name: `f${i}`, type: t.int32() })))
  expect(many(64)).not.toBe(null)
  expect(many(65)).toBe(null)
})

test('64 fields are seen, and missed', () => {
  const schema = new Schema(
    Array.from({ length: 64 }, (_, i) => ({ name: `f${i}`, type: t.int32() })),
  )
  const pairs = schema.names.map((name, i) => `"${name}":${i}`)
  const records = [pairs, pairs.slice(1), pairs.slice(0, 63), [...pairs, '"f63":1']]
  const bytes = records.map(each => Buffer.from(`{${each}}`))
  expect(refusedOf(schema, bytes)).toEqual([1, 2, 3])
})

test('it rests where much is refused, then tries again', () => {
  const schema = new Schema([{ name: 'a', type: t.string() }])
  const scan = plainScan(fieldPlans(schema, schema), memory, 0)
  const cells = (): AnyScanCells[] => [scanCells(t.string(), 4)]
  const four = (odd: number) =>
    ranges(Array.from({ length: 4 }, (_, i) => Buffer.from(i < odd ? '{"a":"\\n"}' : '{"a":""}')))
  expect(scan?.scan(four(1), cells())).toEqual(Int32Array.of(0))
  expect(scan?.scan(four(2), cells())).toEqual(Int32Array.of(0, 1))
  for (let i = 0; i < 63; i++) expect(scan?.scan(four(0), cells())).toBe(null)
  expect(scan?.scan(four(0), cells())).toEqual(new Int32Array())
})

test('a batch that is too large for its memory is left to others', () => {
  const schema = new Schema([{ name: 'a', type: t.string() }])
  const own = new ScanMemory(Buffer.from(SCAN_MODULE, 'base64'))
  const scan = plainScan(fieldPlans(schema, schema), own, 0)
  const long = (bytes: number) => ranges([Buffer.from(`{"a":"${'x'.repeat(bytes)}"}`)])
  const cells = [scanCells(t.string(), 1)]
  expect(scan?.scan(long(WasmModule.BYTES_MAX), cells)).toBe(null)
  expect(scan?.scan(long(WasmModule.BYTES_MAX / 2), cells)).toEqual(new Int32Array())
  expect(cells[0]?.build(Buffer.alloc(0)).length).toBe(1)
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(SCAN_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  ['equal names are not noticed', '(seen & bit) !== 0', 'false'],
  ['a missing column is not noticed', 'if (load<i32>(field, 8) === 0) return false', ''],
  ['a missing column is not null', 'setNull(field, index)\n  }\n  return true', '}\n  return true'],
  [
    'null is for all',
    'load<u32>(at) !== NULL_WORD || load<i32>(field, 8) === 0',
    'load<u32>(at) !== NULL_WORD',
  ],
  ['null is told by its first byte', 'load<u32>(at) !== NULL_WORD ||', ''],
  ['null is no null', 'store<i32>(<usize>load<u32>(field, 24), 1)', ''],
  ['bytes behind the object are ignored', 'if (at !== end) return false', ''],
  [
    'a record ends where another does',
    'if (at !== end) return false',
    'if (at < end) return false',
  ],
  ['a colon may be anything', '|| load<u8>(close + 1) !== COLON', ''],
  ['a comma may be anything', 'else return false\n  }', '}'],
  ['a brace may be anything', 'if (load<u8>(from) !== OPEN) return false', ''],
  [
    'any control character is a blank',
    'if (load<u8>(at) === BLANK) at++\n    if (field',
    'if (load<u8>(at) <= 0x20) at++\n    if (field',
  ],
  ['a name is told by 16 bytes', 'return !v128.any_true(rest)', 'return true'],
  ['any name is that of the first field', 'if (isName(field, at)) return field', 'return field'],
  [
    'the next field is taken to be there',
    'if (isName(field, at)) at +=',
    'if (isName(field, at) || last !== 0) at +=',
  ],
  ['text is not checked for escapes', 'i8x16.splat(0x5c)', 'i8x16.splat(0x22)'],
  ['text is not checked for control characters', 'i8x16.splat(0x20)', 'i8x16.splat(0)'],
  ['text is not checked to be UTF-8', 'at = characterEnd(at)', 'at++'],
  ['surrogates are text', 'greatest = 0x9f', 'greatest = 0xbf'],
  ['characters may be longer than they need', 'least = 0xa0', 'least = 0x80'],
  ['characters end anyhow', '(load<u8>(at, 2) & 0xc0) !== 0x80', 'false'],
  ['text begins with its quote', '<u32>(from - origin)', '<u32>(from - 1 - origin)'],
  ['text ends with its quote', '<u32>(close - from))', '<u32>(close - from + 1))'],
  [
    'any record lies as the last one did',
    'if (!isSame(at, step + BEFORE,',
    'if (false && !isSame(at, step + BEFORE,',
  ],
  ['what stands before a value is told by 16 bytes', 'load<u32>(step, 4)))', '0))'],
  [
    'columns that are missing once are missing later',
    'step !== 0 && seen === allSeen',
    'step !== 0',
  ],
  ['a record ends with the last value', 'load<u8>(at) === CLOSE && at + 1 === end', 'true'],
  [
    'a record ends as the last one did',
    'load<u8>(at) === CLOSE && at + 1 === end',
    'at + 1 === end',
  ],
  ['more stands before a value than is noted', 'size > BEFORE_MAX || ', ''],
  ['how records lie is kept for other tables', 'stepsEnd = steps\n  let out', 'let out'],
  ['numbers begin with zeros', '(digits > 1 && load<u8>(whole) === ZERO)', 'false'],
  ['whole numbers begin with zeros', 'digits > 1 && load<u8>(at) === ZERO ? 0 : behind', 'behind'],
  ['skipped numbers begin with zeros', '(at - whole > 1 && load<u8>(whole) === ZERO)', 'false'],
  ['a fraction may be empty', 'if (scale === 0) return 0', ''],
  [
    'digits beyond 2^53 are exact',
    'mantissa > SAFE_MAX) return 0\n  if (values',
    'false) return 0\n  if (values',
  ],
  ['any number of digits', 'digits > DIGITS_MAX || mantissa > SAFE_MAX', 'mantissa > SAFE_MAX'],
  ['any number of whole digits', 'digits === 0 || digits > DIGITS_MAX', 'digits === 0'],
  ['-0 is 0', 'isNegative ? -value : value', 'isNegative ? 0 - value : value'],
  ['a fraction is multiplied', '/ power(scale)', '* (1 / power(scale))'],
  ['32 bits are not checked', 'value !== <i64>(<i32>value)', 'false'],
  ['53 bits are not checked', 'kind === SAFE && mantissa > SAFE_MAX', 'false'],
  ['times of any size are taken', 'mantissa < PLAIN_MIN || mantissa >= PLAIN_MAX', 'false'],
  [
    'digits are told by half of their bits',
    '(((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)',
    '0x0303030303030303',
  ],
  ['eight digits are seven', 'value * 100000000', 'value * 10000000'],
  ['a boolean is told by less than its bytes', '&& load<u8>(at, 4) === LETTER_E', ''],
  ['true is false', '| (1 << (index & 7)))\n    }', ')\n    }'],
  [
    'bits are of the first eight',
    'values + (<usize>index >> 3)\n      store',
    'values\n      store',
  ],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new ScanMemory(bytes), false)).not.toBe(null)
    },
    120_000,
  )
})
