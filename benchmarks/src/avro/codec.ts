/** Avro records read and written in one process, in rounds in which all take turns. */
import type { Verdict } from '../benchmarks.ts'
import { grouped, median, table } from '../figures.ts'
import { type CodecCase, codecCases } from './codec-cases.ts'

const COUNT = 20_000
const ROUNDS = 25
/** These are not counted. */
const ROUNDS_WARM = 5
/** How many times as fast as another case each has to be. */
const MARKS = [
  { name: 'columns, 1 of 6', base: 'Confluent decode', least: 100 },
  { name: 'columns, 3 of 6', base: 'Confluent decode', least: 50 },
  { name: 'columns, all', base: 'Confluent decode', least: 20 },
  { name: 'encode', base: 'Confluent encode', least: 20 },
  { name: 'row objects', base: 'avsc objects', least: 1 },
]

export async function avroCodec(): Promise<Verdict[]> {
  const cases = await codecCases(COUNT)
  const rates = new Map<string, number[]>()
  for (let round = -ROUNDS_WARM; round < ROUNDS; round++) {
    for (const each of cases) {
      const rate = await rateOf(each)
      if (round >= 0) rates.set(each.name, [...(rates.get(each.name) ?? []), rate])
    }
  }
  // Of each round its own ratio: what else the machine does meets both.
  const ratio = (name: string, base: string): number => {
    const bases = rates.get(base) as number[]
    return median((rates.get(name) as number[]).map((rate, i) => rate / (bases[i] as number)))
  }
  const rows = cases.map(({ name }) => {
    const other = name.endsWith('encode') ? 'Confluent encode' : 'Confluent decode'
    return [
      name,
      grouped(median(rates.get(name) as number[])),
      ratio(name, other).toFixed(1),
      ratio(name, 'avsc objects').toFixed(2),
    ]
  })
  console.log(`\n${table([['case', 'records/s', '× Confluent', '× avsc objects'], ...rows])}\n`)
  return MARKS.map(({ name, base, least }) => {
    const times = ratio(name, base)
    return {
      isMet: times >= least,
      text: `${name}: ${times.toFixed(2)} × ${base} (at least ${least})`,
    }
  })
}

async function rateOf({ count, run }: CodecCase): Promise<number> {
  const from = performance.now()
  await run()
  return (count * 1000) / (performance.now() - from)
}
