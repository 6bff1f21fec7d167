/**
 * Frames in WebAssembly against a decoder that is plain to see and against the library; and bugs
 * planted into its source, each of which the same comparison finds.
 */
import fc from 'fast-check'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { describe, expect, test } from 'vitest'
import { RecordMemory, recordMemory } from '../record-memory.ts'
import { RECORDS_MODULE } from '../records-module.ts'
import { CODECS } from './codecs.ts'
import { inflateBlocks } from './lz4-blocks.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../../../', import.meta.url)
const SOURCE = new URL('kafka/wasm/records.ts', PACKAGES)
const compiler = (await import(new URL('core/wasm/compile-module.mjs', PACKAGES).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 7)
const BLOCK_BYTES = 64 * 1024
const BOUND = 1 << 20
const memory = recordMemory() as RecordMemory

interface Sequence {
  readonly literals: Uint8Array
  /** How far back the match begins, of what is there then; and its size. */
  readonly back: number
  readonly size: number
}

function sizeBytes(size: number, most: number): number[] {
  if (size < most) return []
  const more = size - most
  return [...new Array(Math.floor(more / 255)).fill(255), more % 255]
}

interface Plan {
  readonly isLinked: boolean
  readonly blocks: readonly { readonly sequences: readonly Sequence[]; readonly isPlain: boolean }[]
}

function written({ isLinked, blocks: planned }: Plan): { frame: Buffer; content: Buffer } {
  const content: number[] = []
  const parts: Buffer[] = [
    Buffer.from([0x04, 0x22, 0x4d, 0x18, ...(isLinked ? [0x40, 0x40, 0xc0] : [0x60, 0x40, 0x82])]),
  ]
  for (const { sequences, isPlain } of planned) {
    const bytes: number[] = []
    const from = content.length
    for (const { literals, back, size } of sequences) {
      content.push(...literals)
      const reach = Math.min(content.length - (isLinked ? 0 : from), 0xffff)
      const offset = 1 + (back % reach)
      bytes.push((Math.min(literals.length, 15) << 4) | Math.min(size - 4, 15))
      bytes.push(...sizeBytes(literals.length, 15), ...literals)
      bytes.push(offset & 255, offset >> 8, ...sizeBytes(size - 4, 15))
      for (let i = 0; i < size; i++) content.push(content[content.length - offset] as number)
    }
    // The last sequence has literals only.
    bytes.push(0x50, 1, 2, 3, 4, 5)
    content.push(1, 2, 3, 4, 5)
    const body = isPlain ? Buffer.from(content.slice(from)) : Buffer.from(bytes)
    const head = Buffer.alloc(4)
    head.writeUInt32LE((body.length | (isPlain ? 0x80000000 : 0)) >>> 0)
    parts.push(head, body)
  }
  parts.push(Buffer.alloc(4))
  return { frame: Buffer.concat(parts), content: Buffer.from(content) }
}

const sequence: fc.Arbitrary<Sequence> = fc.record({
  literals: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  back: fc.oneof(fc.nat(40), fc.nat(3_000)),
  size: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constantFrom(18, 19, 273, 274, 275, 600)),
})
const long = fc.record({
  literals: fc
    .constantFrom(14, 15, 16, 269, 270, 271, 600)
    .map(size => new Uint8Array(size).fill(7)),
  back: fc.nat(20),
  size: fc.constant(5),
})
const plan: fc.Arbitrary<Plan> = fc.record({
  isLinked: fc.boolean(),
  blocks: fc.array(
    fc.record({
      sequences: fc.array(fc.oneof(sequence, sequence, long), { maxLength: 8 }),
      isPlain: fc.constantFrom(false, false, true),
    }),
    { maxLength: 4 },
  ),
})
/** What is done to a frame: nothing, one byte, its end; and a bound that is too low. */
const spoiling = fc.record({
  kind: fc.constantFrom('none', 'none', 'byte', 'byte', 'cut', 'longer', 'apart', 'bound'),
  place: fc.nat(100_000),
  byte: fc.oneof(fc.constantFrom(0, 1, 4, 15, 0x80, 0xf0, 255), fc.nat(255)),
})

function byLibrary(frame: Buffer): Buffer | null {
  try {
    return decompressFrameSync(frame)
  } catch {
    return null
  }
}

type Spoiling = typeof spoiling extends fc.Arbitrary<infer T> ? T : never

/** What is wrong with what it gives; null = nothing. It may leave more to the library, never less. */
function fault(by: RecordMemory, made: Plan, { kind, place, byte }: Spoiling): string | null {
  const { frame, content } = written(made)
  const inflated = (given: Buffer, bound = BOUND) => inflateBlocks(by, given, bound, BLOCK_BYTES)
  if (kind === 'none') {
    expect(byLibrary(frame)?.equals(content)).toBe(true)
    return inflated(frame)?.equals(content) ? null : 'it is not what was written'
  }
  if (kind === 'bound') {
    const isOver = content.length > 0 && inflated(frame, place % content.length) !== null
    return isOver ? 'more than the bound' : null
  }
  if (kind === 'longer') {
    return inflated(Buffer.concat([frame, Buffer.of(byte)])) === null ? null : kind
  }
  // Matches that reach into other blocks, where the head says that none does.
  if (kind === 'apart' && made.isLinked) frame.set([0x60, 0x40, 0x82], 4)
  const at = 7 + (place % (frame.length - 7))
  if (kind === 'byte') frame[at] = byte
  const given = kind === 'cut' ? frame.subarray(0, at) : frame
  const got = inflated(given)
  return got === null || byLibrary(given)?.equals(got) ? null : kind
}

/** Many short sequences in a row, which are only bounded where they end. */
const short: Sequence = { literals: new Uint8Array(10).map((_, i) => i), back: 15, size: 9 }
const shortOnes = written({
  isLinked: false,
  blocks: [{ sequences: new Array(40).fill(short), isPlain: false }],
})

function difference(by: RecordMemory, isLeast: boolean): unknown {
  for (let bound = 0; bound < shortOnes.content.length; bound++) {
    if (inflateBlocks(by, shortOnes.frame, bound, BLOCK_BYTES) !== null) return { bound }
  }
  const property = fc.property(plan, spoiling, (made, spoilt) => fault(by, made, spoilt) === null)
  const details = fc.check(property, { numRuns: 2_000, seed: SEED, endOnFailure: !isLeast })
  return details.failed ? (details.counterexample ?? details.errorInstance) : null
}

test('gives what was written, and nothing where the library gives nothing', () => {
  expect(difference(memory, true)).toBe(null)
}, 120_000)

test('what the library writes is plain', () => {
  const body = Buffer.from('{"user_id": "user_0000123", "amount": 12.34}\n'.repeat(20_000))
  const frame = compressFrameSync(body)
  const given = inflateBlocks(memory, frame, 2 << 20, 4 << 20)
  expect(given?.equals(body)).toBe(true)
})

test('frames with a sum, a size, a dictionary or a head that is spoilt are left to the library', () => {
  const { frame } = written({ isLinked: false, blocks: [] })
  expect(inflateBlocks(memory, frame, 0, BLOCK_BYTES)?.length).toBe(0)
  for (const head of [0x64, 0x68, 0x70, 0x61, 0x20, 0x62]) {
    const other = Buffer.from(frame)
    other[4] = head
    expect(inflateBlocks(memory, other, 0, BLOCK_BYTES)).toBe(null)
  }
  const spoilt = Buffer.from(frame)
  spoilt[6] = 0
  expect(inflateBlocks(memory, spoilt, 0, BLOCK_BYTES)).toBe(null)
})

test('what is given stays as it is when more is inflated', () => {
  const [one, other] = ['a', 'b'].map(letter => Buffer.from(letter.repeat(10_000)))
  const given = CODECS[3]?.inflate(compressFrameSync(one as Buffer), BOUND * 8)
  CODECS[3]?.inflate(compressFrameSync(other as Buffer), BOUND * 8)
  expect(given?.equals(one as Buffer)).toBe(true)
})

test('a frame that is too large for the memory is left to the library', () => {
  const frame = compressFrameSync(Buffer.from('x'))
  expect(inflateBlocks(memory, frame, 64 << 20, 4 << 20)).toBe(null)
  expect(inflateBlocks(memory, frame, 1, 4 << 20)?.toString()).toBe('x')
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(RECORDS_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  ['bytes behind the last block are ignored', 'return at === end ? out : 0', 'return out'],
  ['plain blocks are not bounded', 'if (size > most) return 0', ''],
  ['blocks are not bounded', 'out + most, isLinked', 'out + 1048576, isLinked'],
  ['blocks are always linked', 'isLinked ? to : out)', 'to)'],
  ['blocks are never linked', 'isLinked ? to : out)', 'out)'],
  ['literals are not bounded', 'size > end - at || size > toEnd - out', 'size > end - at'],
  ['long literals are short', 'size === 15) {', 'size === 16) {'],
  ['long matches are short', 'size === 19) {', 'size === 20) {'],
  ['sizes have one more byte at most', 'if (byte !== 255) return at', 'return at'],
  ['matches may begin before everything', 'offset > out - low || ', ''],
  ['matches may go nowhere', 'offset === 0 || ', ''],
  ['matches are not bounded', ' || size > toEnd - out) return 0\n    copy', ') return 0\n    copy'],
  ['usual literals may be more', 'literals === 15', 'literals === 16'],
  ['usual matches may be near', 'offset < COPY || ', ''],
  ['usual matches have one more byte at most', ' || more === 255', ''],
  ['usual matches may begin before everything', 'if (offset > match - low) return 0', ''],
  ['usual matches have 32 bytes at most', 'if (size > 2 * COPY)', 'if (size > 64 * COPY)'],
  ['usual matches are not bounded', 'if (size > toEnd - match) return 0', ''],
  ['usual sequences go on to the end', 'at + NEAR < end', 'at < end'],
  ['usual sequences go on over the end', 'out + NEAR < toEnd', 'out < toEnd'],
  ['matches do not repeat', 'if (offset >= COPY)', 'if (offset > 0)'],
  ['matches are one byte shorter', '(token & 15) + 4', '(token & 15) + 3'],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new RecordMemory(bytes), false)).not.toBe(null)
    },
    120_000,
  )
})
