/**
 * Rows written in WebAssembly against the clear encoder, byte by byte, and doubles against
 * `String`; and bugs planted into the source, each of which that finds.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import { Int64Column } from '../../batch/column.ts'
import type { Row } from '../../batch/row.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { Schema } from '../../schema/schema.ts'
import { sourceBatch } from '../../source/source-batch.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { JsonEncoder } from '../json-encoder.ts'
import type { RowsWritten } from '../rows-encoder.ts'
import { RowWriter } from './row-writer.ts'
import { RowsMemory, rowsMemory } from './rows-memory.ts'
import { ROWS_MODULE } from './rows-module.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const WASM = new URL('../../../wasm/', import.meta.url)
const SOURCE = new URL('row-writer.ts', WASM)
const compiler = (await import(new URL('compile-module.mjs', WASM).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000)
/** Of all kinds together; 20 million were compared by hand once, with none that differed. */
const DOUBLES = Number(process.env['FUZZ_DOUBLES'] ?? 200_000)

const memory = rowsMemory() as RowsMemory

const TIME = fc.integer({ min: -8.64e15, max: 8.64e15 })
const TEXT = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\x1f', '\x10', '\b', '\v', 'é', '😀') }),
  fc.constantFrom('', 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), `${'x'.repeat(200)}\n`),
)
const DOUBLE = fc.oneof(
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 25 })).map(([n, scale]) => n / 10 ** scale),
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
  fc.constantFrom(-0, 0, 1e21, 1e20, 123e19, 1e-6, 1e-7, 1.5e-7, 5e-324, 1.7976931348623157e308),
  fc.constantFrom(
    0.1,
    0.30000000000000004,
    2 ** 53,
    2 ** 53 + 2,
    1e9 + 0.5,
    2 ** -1022,
    9e15 + 0.5,
  ),
)
const INT64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  fc.constantFrom(-(2n ** 63n), 2n ** 53n, 99_999_999n, 100_000_000n, 10n ** 16n, 10n ** 18n),
)
const COLUMNS: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
  [t.string(), TEXT],
  [t.boolean(), fc.boolean()],
  [t.int32(), fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, 9, 10, -1))],
  [t.int64(), INT64],
  [t.int64({ as: 'number' }), fc.oneof(fc.maxSafeInteger(), fc.integer())],
  [t.float64(), DOUBLE],
  [t.timestamp(), TIME],
  ...(['s', 'ms', 'us', 'ns'] as const).map(unit => {
    return [t.timestamp({ unit }), fc.oneof(TIME, fc.constant(0))] as const
  }),
]

interface Case {
  readonly batch: Batch
  readonly frame: Schema
  readonly rows: Int32Array
}

const cases: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.constantFrom(...COLUMNS), fc.boolean()), { minLength: 1, maxLength: 6 })
  .chain(chosen => {
    const frame = new Schema(
      chosen.map(([[type], isNullable], i) => {
        const name = i === 1 ? 'q"\n\u2028' : i === 2 ? `c${'x'.repeat(40)}` : `c${i}`
        return { name, type: isNullable ? type.nullable() : type }
      }),
    )
    const cells = chosen.map(([[, cell], isNullable]) => {
      const each = cell as fc.Arbitrary<Row[string]>
      return isNullable ? fc.option(each) : each
    })
    const row = fc
      .tuple(...cells)
      .map(values => Object.fromEntries(values.map((value, i) => [frame.names[i], value])) as Row)
    const list = fc.array(fc.tuple(row, fc.boolean()), { minLength: 1, maxLength: 5 })
    return list.map(rows => ({
      frame,
      batch: batchOf(
        frame,
        rows.map(([each]) => each),
      ),
      rows: Int32Array.from(rows.flatMap(([, isIn], index) => (isIn ? [index] : []))),
    }))
  })

function batchOf(frame: Schema, rows: readonly Row[]): Batch {
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  return sourceBatch(
    rows.map(value => ({ value })),
    frame,
    'all',
    place,
  )
}

/** Each row as text; null = it was not written. */
function textsOf(written: RowsWritten): (string | null)[] {
  let at = 0
  const texts = Array.from(written.sizes, size => {
    if (size < 0) return null
    at += size
    return Buffer.from(written.bytes.subarray(at - size, at)).toString('latin1')
  })
  expect(at).toBe(written.bytes.length)
  return texts
}

function clearTexts(frame: Schema, batch: Batch, rows: Int32Array): (string | null)[] {
  const clear = new JsonEncoder(frame, frame)
  return Array.from(rows, row => {
    const out = new ByteWriter()
    try {
      clear.encode(batch, row, out)
      return out.copy().toString('latin1')
    } catch {
      return null
    }
  })
}

function writerOf(frame: Schema, by: RowsMemory, rowsMin = 0): RowWriter {
  const { columns } = new JsonEncoder(frame, frame)
  const labels = columns.map(({ label }, i) => Buffer.from((i === 0 ? '{' : ',') + label))
  return new RowWriter(columns, labels, by, rowsMin)
}

function isEqual(by: RowsMemory, { frame, batch, rows }: Case): boolean {
  const written = writerOf(frame, by).write(batch, rows)
  const clear = clearTexts(frame, batch, rows)
  if (written === null || written.sizes.length !== clear.length) return false
  return textsOf(written).every((text, i) => text === clear[i])
}

const DOUBLE_FRAME = new Schema([{ name: 'x', type: t.float64() }])

/** Random bits, decimals, sums of them, powers of two and ten and their neighbours, subnormals. */
function* doubles(count: number, seed: number): Generator<number> {
  const view = new DataView(new ArrayBuffer(8))
  let state = BigInt(seed) * 2n + 1n
  // Of Steele and Vigna's SplitMix64.
  const random = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = state
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return mixed ^ (mixed >> 31n)
  }
  const ofBits = (bits: bigint): number => {
    view.setBigUint64(0, BigInt.asUintN(64, bits))
    return view.getFloat64(0)
  }
  const near = (value: number, step: bigint): number => {
    view.setFloat64(0, value)
    return ofBits(view.getBigUint64(0) + step)
  }
  for (let i = 0; i < count; i++) {
    const bits = random()
    const small = Number(bits & 0xffffffn)
    const kind = i % 8
    if (kind < 2) yield ofBits(bits)
    else if (kind === 2) yield small / 10 ** Number((bits >> 24n) % 12n)
    else if (kind === 3) yield 0.1 * small + 0.7 / (1 + small)
    else if (kind === 4) yield small / (1 + Number((bits >> 24n) & 0xffn))
    else if (kind === 5) yield near(2 ** (Number(bits % 2_098n) - 1_074), (bits >> 40n) % 3n)
    else if (kind === 6) yield near(Number(`1e${Number(bits % 632n) - 323}`), (bits >> 40n) % 3n)
    else yield ofBits(bits & 0x800fffffffffffffn)
  }
}

/** The first double that is not written as JavaScript writes it; null = there is none. */
function wrongDouble(by: RowsMemory, count: number, seed: number): number | null {
  const writer = writerOf(DOUBLE_FRAME, by)
  const source = doubles(count, seed)
  for (let left = count; left > 0; left -= 4_096) {
    const list = Array.from({ length: Math.min(left, 4_096) }, () => source.next().value as number)
    const batch = batchOf(
      DOUBLE_FRAME,
      list.map(x => ({ x })),
    )
    const rows = Int32Array.from(list, (_, row) => row)
    const texts = textsOf(writer.write(batch, rows) as RowsWritten)
    for (const [i, x] of list.entries()) {
      const text = Number.isFinite(x) ? `{"x":${Object.is(x, -0) ? '-0' : String(x)}}` : null
      if (texts[i] !== text) return x
    }
  }
  return null
}

/** Whole numbers that are none as numbers of JavaScript, which no source gives. */
function wideNumbers(): Case {
  const values = [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 7n]
  const type = t.int64({ as: 'number' })
  const frame = new Schema([{ name: 'n', type }])
  const columns = [new Int64Column(type, BigInt64Array.from(values), null)]
  const batch = batchOf(
    frame,
    values.map(() => ({ n: 0 })),
  ).with({ columns })
  return { frame, batch, rows: Int32Array.from(values, (_, row) => row) }
}

function difference(by: RowsMemory, isLeast: boolean): unknown {
  if (!isEqual(by, wideNumbers())) return 'wide numbers'
  const property = fc.property(cases, made => isEqual(by, made))
  const details = fc.check(property, { numRuns: RUNS, seed: SEED, endOnFailure: !isLeast })
  if (details.failed) return details.counterexample ?? details.errorInstance
  return wrongDouble(by, 20_000, SEED)
}

test('writes the bytes that the clear encoder writes', () => {
  expect(difference(memory, true)).toBe(null)
}, 120_000)

test('writes doubles as JavaScript does', () => {
  expect(wrongDouble(memory, DOUBLES, SEED + 1)).toBe(null)
}, 600_000)

const TEXT_FRAME = new Schema([{ name: 's', type: t.string() }])

test('rows that JSON cannot hold are left out, whatever is around them', () => {
  const frame = new Schema([
    { name: 'a', type: t.string() },
    { name: 'x', type: t.float64() },
    { name: 'b', type: t.string() },
  ])
  const row = (x: number, i: number) => ({ a: `a${i}`, x, b: `b${i}` })
  const batch = batchOf(frame, [1, Number.NaN, 3, Infinity, -Infinity, 6].map(row))
  const rows = Int32Array.from([0, 1, 2, 3, 4, 5])
  const texts = textsOf(writerOf(frame, memory).write(batch, rows) as RowsWritten)
  expect(texts).toEqual(clearTexts(frame, batch, rows))
  expect(texts.map(text => text !== null)).toEqual([true, false, true, false, false, true])
})

test('few rows, columns of other kinds and very much text are left to the clear version', () => {
  const batch = batchOf(TEXT_FRAME, [{ s: 'a' }])
  expect(writerOf(TEXT_FRAME, memory, 2).write(batch, Int32Array.of(0))).toBe(null)
  const frame = new Schema([{ name: 'd', type: t.decimal(9, 2) }])
  const decimals = batchOf(frame, [{ d: '1.00' }])
  expect(writerOf(frame, memory).write(decimals, Int32Array.of(0))).toBe(null)
  const large = batchOf(TEXT_FRAME, [{ s: 'x'.repeat(1 << 20) }])
  const writer = writerOf(TEXT_FRAME, memory)
  expect(writer.write(large, new Int32Array(16))?.sizes.length).toBe(16)
  expect(writer.write(large, new Int32Array(17))).toBe(null)
})

test('rows that there is no room for any more are left out', () => {
  const batch = batchOf(TEXT_FRAME, [{ s: '\x01'.repeat(1 << 20) }, { s: 'x' }])
  const rows = Int32Array.of(0, 1, 0, 0, 0, 0, 0, 1)
  const texts = textsOf(writerOf(TEXT_FRAME, memory).write(batch, rows) as RowsWritten)
  const clear = clearTexts(TEXT_FRAME, batch, rows)
  expect(texts.slice(0, 5)).toEqual(clear.slice(0, 5))
  expect(texts.slice(-2)).toEqual([null, null])
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(ROWS_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  [
    'texts of refused rows stay',
    'if (end === 0) isRefused = true',
    'if (end === 0) { isRefused = true; break }',
  ],
  ['refused rows leave bytes', 'at = start\n', ''],
  ['refused rows are written', 'if (isRefused) {', 'if (false) {'],
  ['nulls are not seen', 'load<u8>(nulls + row) !== 0', 'false'],
  ['true is false', 'load<u8>(cells + row) !== 0', 'load<u8>(cells + row) === 0'],
  ['numbers beyond 2^53 are exact', 'if (value > SAFE_MAX || value < -SAFE_MAX) {', 'if (false) {'],
  ['seconds are milliseconds', '<f64>value / 1e3', '<f64>value'],
  ['zero has zeros', ' || value === 0) return end', ') return end'],
  ['nanoseconds are microseconds', 'kind === MICROSECONDS ? 3 : 6', '3'],
  ['quotes stay', 'i8x16.eq(bytes, i8x16.splat(0x22))', 'i8x16.eq(bytes, i8x16.splat(0x23))'],
  ['backslashes stay', 'i8x16.eq(bytes, i8x16.splat(0x5c))', 'i8x16.eq(bytes, i8x16.splat(0x22))'],
  ['controls stay', 'i8x16.splat(0x20)', 'i8x16.splat(0x1f)'],
  ['other text is a control', 'i8x16.lt_u(', 'i8x16.lt_s('],
  ['text ends behind sixteen bytes', 'if (plain >= end - next) {', 'if (plain > end - next) {'],
  ['vertical tabs are short', '0x7266006e7462', '0x7266766e7462'],
  ['hexadecimal letters are large', '0x57 + low', '0x37 + low'],
  ['controls from 16 on are below', '0x30 + (byte >> 4)', '0x30'],
  ['zero has no digit', 'value === 0 ? 7 :', 'value === 0 ? 8 :'],
  ['eight digits are seven', 'value >= 100000000)', 'value > 100000000)'],
  [
    'zeros in the middle are lost',
    'store<u64>(at, eightDigits(value - upper * 100000000) | ZEROS)\n    return at + 8',
    'return writeDecimal(at, value - upper * 100000000)',
  ],
  ['minus zero is zero', 'reinterpret<u64>(value) >> 63 !== 0', 'value < 0'],
  ['whole numbers end at 2^52', 'SAFE_MAX: f64 = 9007199254740991', 'SAFE_MAX: f64 = 1e18'],
  [
    'decimals need not read back',
    'millionths / 1e6 === size',
    'abs(millionths / 1e6 - size) < 1e-9',
  ],
  ['infinity is a number', 'if (!(size < Infinity)) return 0', ''],
  ['trailing zeros of decimals stay', '(<usize>clz(digits) >> 3)', '2'],
  ['trailing zeros stay', 'while (load<u8>(end - 1) === ZERO) end--', ''],
  ['exponents begin at 22', 'n > 21', 'n > 22'],
  ['exponents end at -7', 'n <= -6', 'n <= -7'],
  ['exponents are one off', 'n - 1)', 'n)'],
  ['one digit has a point', 'k === 1 ? from : end', 'end'],
  ['exponents have no plus', '? MINUS : 0x2b', '? MINUS : 0x2d'],
  ['the ends of even numbers are out', 'const isOdd = c & 1', 'const isOdd: u64 = 1'],
  ['the ends of odd numbers are in', 'const isOdd = c & 1', 'const isOdd: u64 = 0'],
  ['powers of two are as far below', 'fraction === 0 && biased > 1', 'false'],
  ['the shortest is not looked for', 'if (s >= 10) {', 'if (false) {'],
  ['the closest is the lower', 'middle > half || (middle === half && (s & 1) !== 0)', 'false'],
  ['subnormals are normal', 'biased === 0 ? fraction : fraction', 'false ? fraction : fraction'],
  ['products are cut', 'top | <u64>(middle > 1)', 'top'],
  ['products have no carry', '+ <u64>(middle < carried)', ''],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new RowsMemory(bytes), false)).not.toBe(null)
    },
    120_000,
  )
})
