import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MEASURED_S_MIN, RateMemory, RECORDS_MAX, sizeFor } from './sizes.ts'

test.each([2_000, 175_000, 3_600_000])('%d records/s are measured long enough', rate => {
  const { warmup, records } = sizeFor(rate)
  expect((records - warmup) / rate).toBeGreaterThan(MEASURED_S_MIN)
  expect(warmup).toBeGreaterThan(0)
})

test('no input is longer than the longest topic', () => {
  expect(sizeFor(1e9).records).toBeLessThanOrEqual(RECORDS_MAX + 1)
})

test('rates are remembered', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'sizes-')), 'rates.json')
  expect(new RateMemory(path).get('read', 'quix')).toBeUndefined()
  new RateMemory(path).set('read', 'quix', 166_000)
  expect(new RateMemory(path).get('read', 'quix')).toBe(166_000)
})
