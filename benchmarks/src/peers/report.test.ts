import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Lab } from '../lab.ts'
import { CASES } from './cases.ts'
import type { Bench } from './matrix.ts'
import { reportOf } from './report.ts'
import { ResultsFile } from './results-file.ts'
import { RateMemory } from './sizes.ts'
import type { PeerName, SystemName } from './systems.ts'

/** A matrix that has measured these rates, by case and system, round by round. */
function measured(
  peers: readonly PeerName[],
  rates: Readonly<Record<string, Partial<Record<SystemName, readonly number[]>>>>,
): { readonly said: string[]; readonly markdown: string } {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  const results = new ResultsFile(join(folder, 'results.json'), 'abc')
  for (const [name, systems] of Object.entries(rates)) {
    for (const [system, each] of Object.entries(systems)) {
      for (const rate of each) {
        results.addRun(name, system, { records: rate, seconds: 1, cpuSeconds: 1, rssBytesMax: 1 })
      }
    }
  }
  const bench: Bench = {
    lab: null as unknown as Lab,
    peers,
    results,
    rates: new RateMemory(join(folder, 'rates.json')),
    installed: null,
    registry: null,
  }
  const cases = CASES.filter(({ name }) => name in rates)
  const { verdicts, markdown } = reportOf(bench, cases)
  return { said: verdicts.map(({ isMet, text }) => `${isMet} ${text}`), markdown }
}

test('without peers a case is held against what ran beside it', () => {
  const { said, markdown } = measured([], {
    read: { millrace: [90, 91, 92], ceiling: [100, 100, 100] },
    'hopping-100': { millrace: [40, 40, 40], 'millrace-tumbling': [100, 100, 100] },
    'hopping-10k': { millrace: [10, 10, 10], 'millrace-tumbling': [100, 100, 100] },
  })
  expect(said).toEqual([
    'true read: 0.91 × the rate of fetch and scan alone (at least 0.8 ×)',
    'false hopping-100: 2.50 × the time of tumbling per record (at most 2 ×)',
    'true hopping-10k: 1.00 × the time of tumbling per output row (at most 1.3 ×)',
  ])
  const rows = markdown.split('\n').slice(2)
  expect(rows.map(row => row.split(' | ').at(-2)?.trim())).toEqual([
    '',
    'met',
    '',
    'missed',
    '',
    'met',
  ])
})

test('rounds are paired; figures that spread too much give no verdict', () => {
  const { said } = measured([], {
    read: { millrace: [80, 50, 82], ceiling: [100, 60, 100] },
  })
  expect(said).toEqual(['null read: 0.82 × the rate of fetch and scan alone (at least 0.8 ×)'])
})

test('a peer has a mark in time and in CPU, and results that are equal or not', () => {
  const { said } = measured(['quix'], { half: { millrace: [100, 100], quix: [11, 11] } })
  expect(said).toEqual([
    'null half: results and those of Quix Streams 3.28: not compared',
    'false half against Quix Streams 3.28: 9.09 × as fast (at least 10 ×)',
    'true half against Quix Streams 3.28: 9.09 × less CPU a record (at least 8.00 ×)',
  ])
})
