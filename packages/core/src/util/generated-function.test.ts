import { afterEach, expect, test, vi } from 'vitest'
import type { Expr } from '../expr/expr.ts'
import { t } from '../schema/data-type.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const predicate: Expr = { kind: 'column', name: 'ok', type: t.boolean() }

test('functions are kept by their text', async () => {
  const { generatedFunction } = await import('./generated-function.ts')
  const made = generatedFunction<(a: number) => number>(['a'], 'return a + 1')
  expect(made?.(1)).toBe(2)
  expect(generatedFunction(['a'], 'return a + 1')).toBe(made)
  for (let n = 0; n < 600; n++) generatedFunction(['a'], `return a + ${n + 2}`)
  expect(generatedFunction(['a'], 'return a + 1')).not.toBe(made)
})

test('a change holds for what is generated from then on, also again, until it is taken back', async () => {
  const { changeGenerated, generatedFunction } = await import('./generated-function.ts')
  const made = () => generatedFunction<(a: number) => number>(['a'], 'return a + 1')?.(1)
  expect(made()).toBe(2)
  changeGenerated((parameters, body) => body.replace('1', `'${parameters}'`))
  expect(made()).toBe('1a')
  changeGenerated(null)
  expect(made()).toBe(2)
})

test('code that is very long is not made', async () => {
  const { generatedFunction } = await import('./generated-function.ts')
  expect(generatedFunction([], `return ${'1 + '.repeat(20_000)}1`)).toBe(null)
})

test('where a process forbids code from text there are no kernels, and it is asked once', async () => {
  let asked = 0
  vi.stubGlobal('Function', function Forbidden() {
    asked++
    throw new EvalError('Code generation from strings disallowed for this context')
  })
  const { stageKernel } = await import('../expr/kernel/stage-kernel.ts')
  expect(stageKernel([{ kind: 'filter', predicate }])).toBe(null)
  expect(stageKernel([{ kind: 'filter', predicate }])).toBe(null)
  expect(asked).toBe(1)
})
