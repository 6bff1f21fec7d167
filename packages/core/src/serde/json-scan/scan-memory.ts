/**
 * The module of the scan and its memory, one of each thread; made when the first decoder asks.
 *
 * The memory holds one batch at a time: whoever scans writes all that the module reads, and reads
 * what it wrote, before anyone else does. It grows to the largest batch.
 */
import { sharedModule, WasmModule } from '../../util/wasm-module.ts'
import { SCAN_MODULE } from './scan-module.ts'

/** What `scan` of wasm/record-scan.ts takes. */
type ScanRecords = (
  table: number,
  fieldCount: number,
  base: number,
  low: number,
  high: number,
  starts: number,
  sizes: number,
  count: number,
  refused: number,
) => number

export class ScanMemory extends WasmModule {
  readonly scan: ScanRecords

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    super(module)
    this.scan = this.exports['scan'] as ScanRecords
  }
}

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export const scanMemory: () => ScanMemory | null = sharedModule(
  () => new ScanMemory(Buffer.from(SCAN_MODULE, 'base64')),
)
