/** Generated schemas and values against Java's Avro, fastavro and avsc, both ways. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVERY_PART } from '../../test/coverage.ts'
import { avscOracle } from '../../test/oracles/avsc-oracle.ts'
import { compare } from '../../test/oracles/comparison.ts'
import { type GeneratedCase, generatedCases } from '../../test/oracles/generated-case.ts'
import { AVSC, FASTAVRO, JAVA, type Judge } from '../../test/oracles/known-differences.ts'
import { type Oracle, oracle } from '../../test/oracles/oracle.ts'

interface Subject {
  readonly judge: Judge
  /** Whether it has logical types of its own. */
  readonly hasLogical: boolean
}

const SUBJECTS = {
  java: { judge: JAVA, hasLogical: true },
  fastavro: { judge: FASTAVRO, hasLogical: true },
  avsc: { judge: AVSC, hasLogical: false },
} as const satisfies Record<string, Subject>

const NAMES = Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[]
const oracles: Record<string, Oracle | null> = { avsc: avscOracle }
/** Per subject and part the schemas in which nothing was different. */
const equal = new Map<string, number>()
const made = new Map<string, number>()
let plain: GeneratedCase[] = []
let logical: GeneratedCase[] = []

beforeAll(async () => {
  oracles['java'] = await oracle('java')
  oracles['fastavro'] = await oracle('fastavro')
  plain = generatedCases(false)
  logical = generatedCases(true)
  for (const { parts } of [...plain, ...logical]) {
    for (const part of parts) made.set(part, (made.get(part) ?? 0) + 1)
  }
}, 600_000)

afterAll(() => {
  const line = (what: string, ...cells: (string | number)[]) => {
    return what.padEnd(42) + cells.map(cell => String(cell).padStart(9)).join('')
  }
  const lines = EVERY_PART.map(part => {
    return line(
      part,
      made.get(part) ?? 0,
      ...NAMES.map(name => equal.get(`${name} ${part}`) ?? '-'),
    )
  })
  console.log([line('schemas with, and of those equal in', 'made', ...NAMES), ...lines].join('\n'))
})

describe.each(NAMES)('%s', name => {
  const { judge, hasLogical } = SUBJECTS[name]

  async function comparison(cases: readonly GeneratedCase[]): Promise<void> {
    const { unequal, counts, equalParts } = await compare(oracles[name] as Oracle, cases, judge)
    for (const [part, count] of equalParts) {
      const key = `${name} ${part}`
      equal.set(key, (equal.get(key) ?? 0) + count)
    }
    console.log(
      `${name}: ${cases.length} schemas, ${JSON.stringify(counts)}, ${unequal.length} unequal`,
    )
    expect(unequal.slice(0, 5)).toEqual([])
  }

  test('the same values and resolutions', async ({ skip }) => {
    if (oracles[name] === null) return skip(`${name} is missing`)
    await comparison(plain)
  }, 300_000)

  if (!hasLogical) return
  test('the same logical values', async ({ skip }) => {
    if (oracles[name] === null) return skip(`${name} is missing`)
    await comparison(logical)
  }, 300_000)
})

test('every type, logical type and rule of resolution is among what is compared', () => {
  expect(EVERY_PART.filter(part => !made.has(part))).toEqual([])
  expect([...made.keys()].filter(part => !EVERY_PART.includes(part))).toEqual([])
})
