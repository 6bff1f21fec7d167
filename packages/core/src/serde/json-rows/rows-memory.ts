/**
 * The module that writes rows (wasm/row-writer.ts) and its memory, one of each thread; made when
 * the first encoder asks. The memory holds one batch at a time.
 */
import { sharedModule, WasmModule } from '../../util/wasm-module.ts'
import { ROWS_MODULE } from './rows-module.ts'

/** What `write` of wasm/row-writer.ts takes. */
type WriteRows = (
  columns: number,
  columnsEnd: number,
  from: number,
  to: number,
  sizes: number,
  out: number,
  most: number,
) => number

const POWER_MIN = -292
const POWER_MAX = 324
const POWER_BYTES = 16

export class RowsMemory extends WasmModule {
  readonly write: WriteRows
  readonly #end: { readonly value: number }

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    super(module)
    this.write = this.exports['write'] as WriteRows
    this.#end = this.exports['outEnd'] as { readonly value: number }
    const powersAt = this.exports['powersAt'] as (place: number) => void
    const powers = powersOfTen()
    this.atLeast(this.start)?.set(powers, WasmModule.FREE_FROM)
    powersAt(WasmModule.FREE_FROM)
  }

  /** The first byte that is free to use. */
  get start(): number {
    return WasmModule.FREE_FROM + (POWER_MAX - POWER_MIN + 1) * POWER_BYTES
  }

  /** Where the rows written last end. */
  get outEnd(): number {
    return this.#end.value
  }
}

/** Each as 128 bits, the upper half first, rounded up. */
function powersOfTen(): Buffer {
  const table = Buffer.alloc((POWER_MAX - POWER_MIN + 1) * POWER_BYTES)
  for (let k = POWER_MIN; k <= POWER_MAX; k++) {
    const bits = k < 0 ? quotientBits(10n ** BigInt(-k)) : upperBits(10n ** BigInt(k))
    const at = (k - POWER_MIN) * POWER_BYTES
    table.writeBigUInt64LE(bits >> 64n, at)
    table.writeBigUInt64LE(BigInt.asUintN(64, bits), at + 8)
  }
  return table
}

/** The upper 128 bits of a whole number. */
function upperBits(value: bigint): bigint {
  const more = bitLength(value) - 128n
  return more <= 0n ? value << -more : -(-value >> more)
}

/** The upper 128 bits of 1 by a power of ten that is not 1. */
function quotientBits(divisor: bigint): bigint {
  const dividend = 1n << (bitLength(divisor) + 127n)
  return (dividend + divisor - 1n) / divisor
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length)
}

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export const rowsMemory: () => RowsMemory | null = sharedModule(
  () => new RowsMemory(Buffer.from(ROWS_MODULE, 'base64')),
)
