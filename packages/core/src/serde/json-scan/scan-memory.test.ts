import { afterEach, expect, test, vi } from 'vitest'
import { SCAN_BYTES_MAX, ScanMemory, scanMemory } from './scan-memory.ts'
import { SCAN_MODULE } from './scan-module.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('there is one, which all decoders share', () => {
  expect(scanMemory()).toBeInstanceOf(ScanMemory)
  expect(scanMemory()).toBe(scanMemory())
})

test('it grows to what is asked for, and keeps what it holds', () => {
  const memory = new ScanMemory(Buffer.from(SCAN_MODULE, 'base64'))
  const before = memory.atLeast(memory.start + 8) as Buffer
  const { length } = before
  before.write('kept', memory.start)
  const after = memory.atLeast(length + 1) as Buffer
  expect(after.length).toBe(2 * length)
  expect(after.toString('latin1', memory.start, memory.start + 4)).toBe('kept')
  expect(memory.atLeast(SCAN_BYTES_MAX)?.length).toBe(SCAN_BYTES_MAX)
  expect(memory.atLeast(SCAN_BYTES_MAX + 1)).toBe(null)
})

test('there is none where there is no WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  const fresh = await import('./scan-memory.ts')
  expect(fresh.scanMemory()).toBe(null)
})
