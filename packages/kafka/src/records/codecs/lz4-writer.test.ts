/**
 * Frames written in WebAssembly, read by a decoder that is plain to see and keeps the rules of the
 * format, and by the library; and bugs planted into the source, each of which that finds.
 */
import fc from 'fast-check'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { describe, expect, test } from 'vitest'
import { Lz4Writer, lz4Writer } from './lz4-writer.ts'
import { LZ4_WRITER_MODULE } from './lz4-writer-module.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../../../', import.meta.url)
const SOURCE = new URL('kafka/wasm/lz4-writer.ts', PACKAGES)
const compiler = (await import(new URL('core/wasm/compile-module.mjs', PACKAGES).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000)
const writer = lz4Writer() as Lz4Writer

/** Bytes that do not repeat, and parts of what is there already. */
type Part = { readonly fresh: Uint8Array } | { readonly back: number; readonly size: number }

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(14, 15, 16, 18, 19, 20, 269, 270, 271, 273, 274, 275, 600),
)
const part: fc.Arbitrary<Part> = fc.oneof(
  sizes.chain(size => {
    return fc.record({ fresh: fc.uint8Array({ minLength: size, maxLength: size }) })
  }),
  fc.record({ back: fc.oneof(fc.nat(20), fc.nat(5_000)), size: sizes }),
)

function contentOf(parts: readonly Part[]): Buffer {
  const bytes: number[] = []
  for (const each of parts) {
    if ('fresh' in each) bytes.push(...each.fresh)
    else if (bytes.length > 0) {
      const offset = 1 + (each.back % bytes.length)
      for (let i = 0; i < each.size; i++) bytes.push(bytes[bytes.length - offset] as number)
    }
  }
  return Buffer.from(bytes)
}

/** The one block of a frame; throws where a rule of the format is broken. */
function inflated(frame: Buffer): Buffer {
  const word = frame.readUInt32LE(7)
  const block = frame.subarray(11, 11 + (word & 0x7fffffff))
  if (block.length + 15 !== frame.length) throw new Error('it does not end behind its block')
  if (word >= 0x80000000) return block
  const out: number[] = []
  let matchStart = Number.NEGATIVE_INFINITY
  let at = 0
  const more = (size: number): number => {
    if (size < 15) return size
    let total = size
    for (let byte = 255; byte === 255; total += byte) byte = block[at++] as number
    return total
  }
  for (;;) {
    const token = block[at++] as number
    const literals = more(token >> 4)
    out.push(...block.subarray(at, at + literals))
    at += literals
    if (at >= block.length) {
      if (at > block.length || literals < 5) throw new Error('the last literals are too few')
      if (out.length - matchStart < 12) throw new Error('the last match begins too late')
      return Buffer.from(out)
    }
    const offset = block.readUInt16LE(at)
    at += 2
    if (offset === 0 || offset > out.length) throw new Error('a match begins nowhere')
    matchStart = out.length
    for (let left = more(token & 15) + 4; left > 0; left--) {
      out.push(out[out.length - offset] as number)
    }
  }
}

/** What is wrong with it; null = nothing. */
function fault(by: Lz4Writer, content: Buffer): string | null {
  const frame = by.deflate(content)
  if (frame === null) return content.length === 0 ? null : 'nothing was written'
  if (frame.length > content.length + 15) return 'it is longer than its content'
  try {
    if (!inflated(frame).equals(content)) return 'it is not what was given'
  } catch (error) {
    return String(error)
  }
  return null
}

/** The same words again, as far as a match may reach, and farther. */
const FAR_APART = [65_534, 65_535, 65_536, 65_537, 90_000].map(distance => {
  const word = Buffer.from('a word of twenty b.')
  return Buffer.concat([word, Buffer.alloc(distance - word.length), word, Buffer.alloc(20)])
})

const RECORDS = Buffer.from(
  Array.from(
    { length: 900 },
    (_, i) => `{"user_id":"user_${(i * 7_919) % 10_000}","n":${i}}`,
  ).join(),
)

function difference(by: Lz4Writer): unknown {
  const given = [...FAR_APART, RECORDS, Buffer.alloc(3_000), Buffer.from('abcabcabcabcabc')]
  for (const content of given) {
    const told = fault(by, content)
    if (told !== null) return told
  }
  const bytes = by.deflate(RECORDS)?.length ?? 0
  if (bytes > compressFrameSync(RECORDS).length) return 'the library makes records smaller'
  const property = fc.property(fc.array(part, { maxLength: 30 }), parts => {
    return fault(by, contentOf(parts)) === null
  })
  const details = fc.check(property, { numRuns: RUNS, seed: SEED, endOnFailure: true })
  return details.failed ? (details.counterexample ?? details.errorInstance) : null
}

test('what is written is read as it was, and is as small as that of the library', () => {
  expect(difference(writer)).toBe(null)
}, 120_000)

test.each([1, 12, 13, 65_536, 65_537, 262_145, 1_048_577, 4_194_304])(
  'the library reads %i bytes',
  bytes => {
    for (const content of [Buffer.alloc(bytes, 'ab '), Buffer.alloc(bytes, RECORDS)]) {
      const frame = writer.deflate(content) as Buffer
      expect(decompressFrameSync(frame).equals(content)).toBe(true)
    }
  },
)

test('nothing, and more than a block, is left to the library', () => {
  expect(writer.deflate(Buffer.alloc(0))).toBe(null)
  expect(writer.deflate(Buffer.alloc(4_194_305))).toBe(null)
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(LZ4_WRITER_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  ['what was looked up before stays', 'memory.fill(table, 0, TABLE_BYTES)', ''],
  ['matches begin too late', 'const last = end - LAST_MATCH', 'const last = end - 9'],
  ['matches end too late', 'end - LAST_LITERALS)', 'end - 4)'],
  [
    'three bytes are a match',
    'load<u32>(source) !== load<u32>(at)',
    '(load<u32>(source) ^ load<u32>(at)) << 8 !== 0',
  ],
  ['matches reach too far', 'at - source > OFFSET_MAX', 'at - source > OFFSET_MAX + 1'],
  ['matches grow into what is written', 'at > anchor && source > from', 'source > from'],
  ['matches do not grow', 'at--\n        source--', 'break'],
  ['places are left out at once', '1 << PATIENCE_BITS', '16 << PATIENCE_BITS'],
  ['matches are one byte short', 'at += size + 4', 'at += size + 3'],
  ['blocks may be longer', 'if (out + literals + literals / 255 + 16 > most) return 0', ''],
  [
    'differences are a byte late',
    '(<usize>ctz(difference) >> 3)',
    '(<usize>ctz(difference) >> 3) + 1',
  ],
  [
    'bytes before the end are not compared',
    'while (at < end && load<u8>(at)',
    'while (at < end - 8 && load<u8>(at)',
  ],
  ['fifteen has no more', 'if (size < 15) return to', 'if (size <= 15) return to'],
  ['255 has no more', 'left >= 255; left', 'left > 255; left'],
  ['literals are eight', 'i < literals; i += COPY', 'i < 1; i += COPY'],
  ['the token is of the match alone', 'load<u8>(to) | token', 'load<u8>(to)'],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new Lz4Writer(bytes))).not.toBe(null)
    },
    120_000,
  )
})
