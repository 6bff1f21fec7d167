import { afterEach, expect, test, vi } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { compiledScan } from './compiled-scan.ts'
import type { FieldPlan } from './field-values.ts'

const field = (name: string, column = 0): FieldPlan => ({
  name,
  type: t.string(),
  isDeclared: true,
  column,
  position: 0,
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('the same fields have the same scan, others another', () => {
  expect(compiledScan([field('a')])).toBe(compiledScan([field('a')]))
  expect(compiledScan([field('a')])).not.toBe(compiledScan([field('b')]))
  expect(compiledScan([field('a')])).not.toBe(compiledScan([field('a', -1)]))
})

test('no name becomes code', () => {
  const names = ['`', "'", '*/ x /*', '\u2028', '\n', '"', '__proto__', '\\', '//']
  for (const name of names) expect(compiledScan([field(name)])).toBeTypeOf('function')
})

test('so many fields that the engine gives up are not scanned', () => {
  const fields = Array.from({ length: 101 }, (_, i) => field(`f${i}`, -1))
  expect(compiledScan(fields)).toBe(null)
  expect(compiledScan(fields.slice(1))).not.toBe(null)
})

test('there is none where code must not be made from strings', async () => {
  vi.stubGlobal('Function', function refuse() {
    throw new EvalError('Code generation from strings disallowed for this context')
  })
  const fresh = await import('./compiled-scan.ts')
  expect(fresh.compiledScan([field('a')])).toBe(null)
})
