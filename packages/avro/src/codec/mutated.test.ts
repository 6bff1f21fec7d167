/**
 * Input that nobody should send: spoilt records, schemas and files. Nothing crashes, nothing hangs,
 * and memory stays bounded. `FUZZ_RUNS=100000 npm test -- mutated` tries more, `FUZZ_SEED` others.
 */
import { createContext, Script } from 'node:vm'
import { deflateRawSync } from 'node:zlib'
import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { codecCase, decodedBy, mutated, NUMBERS } from '../../test/codec-case.ts'
import { Coverage } from '../../test/coverage.ts'
import { SchemaMaker } from '../../test/generated-schema.ts'
import { Random } from '../../test/random.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { blockHeadBytes, headerBytes } from '../files/container.ts'
import { ContainerReader } from '../files/container-reader.ts'
import { EXACT_FORM } from './value-form.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_000)
const TEST_MS = 60_000 + 10 * RUNS
/** For one batch, on a busy machine; a hang is none of these. */
const BATCH_MS = 20_000
const GROWTH_BYTES_MAX = 512 * 1024 * 1024

/** Stops even what never comes back. */
function inTime(run: () => void): void {
  new Script('run()').runInContext(createContext({ run }), { timeout: BATCH_MS })
}

/** Tries seed after seed until `RUNS` inputs were read; gives by how much the process has grown. */
async function grownBy(one: (seed: number) => number | Promise<number>): Promise<number> {
  const before = process.resourceUsage().maxRSS
  let count = 0
  for (let seed = SEED; count < RUNS; seed++) count += await one(seed)
  return (process.resourceUsage().maxRSS - before) * 1024
}

test(
  'records',
  async () => {
    const perCase = 250
    const growth = await grownBy(seed => {
      const made = codecCase(seed)
      if (made === null) return 0
      const { writer, reader, records, random } = made
      const spoilt = Array.from({ length: perCase }, () => mutated(random.pick(records), random))
      inTime(() => {
        const { columns } = decodedBy({ reader, read: 'all' }, writer, spoilt)
        for (const column of columns) for (let i = 0; i < perCase; i++) column.get(i)
      })
      return perCase
    })
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX)
  },
  TEST_MS,
)

test('what claims to be large, and takes no bytes, is refused', () => {
  const empty = [
    ...['null', 'int', { type: 'fixed', name: 'F', size: 0 }, { type: 'array', items: 'null' }],
    { type: 'record', name: 'E', fields: [{ name: 'n', type: 'null' }] },
  ]
  const claims = NUMBERS.map(number => Buffer.concat([number, Buffer.from([0])]))
  for (const items of empty) {
    const type = { type: 'array', items }
    const of = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'f', type }] })
    let failures: readonly unknown[] = []
    inTime(() => {
      failures = decodedBy({ reader: of, read: 'all' }, of, claims).failures
    })
    expect(failures).toHaveLength(claims.length)
  }
})

test(
  'schemas',
  async () => {
    const perSeed = 25
    const growth = await grownBy(seed => {
      const random = new Random(seed)
      const options = { hasLogical: true, coverage: new Coverage() }
      const text = Buffer.from(JSON.stringify(new SchemaMaker(random, options).record()))
      inTime(() => {
        for (let i = 0; i < perSeed; i++) {
          try {
            parseSchema(spoiltText(text, random))
          } catch (error) {
            if (!MillraceError.is(error) || error.code !== 'INVALID_ARGUMENT') throw error
          }
        }
      })
      return perSeed
    })
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX)
  },
  TEST_MS,
)

/** Words of other places, and other bytes. */
function spoiltText(text: Buffer, random: Random): string {
  if (random.chance(0.5)) return mutated(text, random).toString('utf8')
  const words = text.toString('utf8').split(/(?<=[,:[{])/)
  for (let i = 0; i <= random.below(3); i++) {
    words[random.below(words.length)] = random.pick([...words, '-1', '1e400', '"\\u0000"', '[[['])
  }
  return words.join('')
}

test(
  'container files',
  async () => {
    const perCase = 50
    const growth = await grownBy(async seed => {
      const made = codecCase(seed)
      if (made === null) return 0
      const { json, records, random } = made
      const sync = Buffer.alloc(16, seed)
      const body = deflateRawSync(Buffer.concat(records))
      const metadata = { 'avro.schema': JSON.stringify(json), 'avro.codec': 'deflate' }
      const header = headerBytes(
        new Map(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value)])),
      )
      const head = blockHeadBytes(records.length, body.length)
      const file = Buffer.concat([header, sync, head, body, sync])
      for (let i = 0; i < perCase; i++) await readFile(mutated(file, random))
      return perCase
    })
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX)
  },
  TEST_MS,
)

async function readFile(bytes: Buffer): Promise<void> {
  const read = async (start: number, end: number) => bytes.subarray(start, end)
  const file = { name: 'spoilt', size: bytes.length, read, close: async () => undefined }
  try {
    const options = { reader: null, form: EXACT_FORM, blockBytesMax: 1024 * 1024 }
    const container = await ContainerReader.open(file, options)
    for (let at: number | null = container.start; at !== null; ) {
      const block = await container.block(at)
      for (let i = 0; i < (block?.rows.count ?? 0); i++) block?.rows.row(i)
      at = block?.end ?? null
    }
  } catch (error) {
    if (!MillraceError.is(error) || error.code !== 'SOURCE_FAILED') throw error
  }
}
