import { expect, test } from 'vitest'
import { SCAN_MODULE } from '../serde/json-scan/scan-module.ts'
import { sharedModule, WasmModule } from './wasm-module.ts'

test('memory grows to what is asked for, up to its bound, and keeps what it holds', () => {
  const module = new WasmModule(Buffer.from(SCAN_MODULE, 'base64'))
  const before = module.atLeast(WasmModule.FREE_FROM + 8) as Buffer
  const { length } = before
  before.write('kept', WasmModule.FREE_FROM)
  const after = module.atLeast(length + 1) as Buffer
  expect(after.length).toBe(2 * length)
  expect(after.toString('latin1', WasmModule.FREE_FROM, WasmModule.FREE_FROM + 4)).toBe('kept')
  expect(module.atLeast(WasmModule.BYTES_MAX)?.length).toBe(WasmModule.BYTES_MAX)
  expect(module.atLeast(WasmModule.BYTES_MAX + 1)).toBe(null)
})

test('one is made, when it is asked for, and none where that fails', () => {
  let made = 0
  const shared = sharedModule(() => ++made)
  expect([made, shared(), shared(), made]).toEqual([0, 1, 1, 1])
  const failing = sharedModule(() => {
    made++
    throw new TypeError('there is no WebAssembly')
  })
  expect([failing(), failing(), made]).toEqual([null, null, 2])
})
