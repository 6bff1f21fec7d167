import { afterEach, expect, test, vi } from 'vitest'
import { ScanMemory, scanMemory } from './scan-memory.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('there is one, which all decoders share', () => {
  expect(scanMemory()).toBeInstanceOf(ScanMemory)
  expect(scanMemory()).toBe(scanMemory())
})

test('there is none where there is no WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  const fresh = await import('./scan-memory.ts')
  expect(fresh.scanMemory()).toBe(null)
})
