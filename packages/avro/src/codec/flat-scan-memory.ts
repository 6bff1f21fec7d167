/** The module of the scan of flat records and its memory, one of each thread. */
import { sharedModule, WasmModule } from '@millrace/core'
import { FLAT_SCAN_MODULE } from './flat-scan-module.ts'

/** What `scan` of wasm/flat-scan.ts takes. */
type ScanRecords = (
  steps: number,
  stepCount: number,
  head: number,
  base: number,
  low: number,
  high: number,
  starts: number,
  sizes: number,
  count: number,
  refused: number,
) => number

export class FlatScanMemory extends WasmModule {
  readonly scan: ScanRecords

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    super(module)
    this.scan = this.exports['scan'] as ScanRecords
  }
}

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export const flatScanMemory: () => FlatScanMemory | null = sharedModule(
  () => new FlatScanMemory(Buffer.from(FLAT_SCAN_MODULE, 'base64')),
)
