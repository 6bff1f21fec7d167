/**
 * The module for reading records (wasm/records.ts) and its memory, one of each thread; made when
 * somebody first asks.
 *
 * The memory holds the frame or the batch at hand: whoever uses it writes all that the module
 * reads, before anyone else does. What was inflated last may still lie there when it is walked.
 */
import { sharedModule, WasmModule } from '@millrace/core'
import { RECORDS_MODULE } from './records-module.ts'

interface WasmNumber {
  readonly value: number
}

/** As in wasm/lz4.ts. */
type Inflate = (
  from: number,
  end: number,
  to: number,
  toEnd: number,
  blockBytes: number,
  isLinked: boolean,
) => number

/** As in wasm/walk.ts. */
type Walk = (
  start: number,
  end: number,
  count: number,
  origin: number,
  columns: number,
  room: number,
  first: number,
  from: number,
  base: number,
  behind: number,
  time: number,
  isSame: boolean,
) => number

/** The first byte that is free to use, behind what the module keeps there. */
export const FREE_FROM: number = WasmModule.FREE_FROM
/** May be read and written behind what is there. */
export const SLACK_BYTES: number = 64

export class RecordMemory {
  readonly inflate: Inflate
  readonly walk: Walk
  readonly #module: WasmModule
  readonly #stopped: WasmNumber
  readonly #left: WasmNumber
  #bytes: Buffer
  #held: Buffer | null = null
  #heldAt = 0

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    this.#module = new WasmModule(module)
    const { exports } = this.#module
    this.inflate = exports['inflate'] as Inflate
    this.walk = exports['walk'] as Walk
    this.#stopped = exports['stopped'] as WasmNumber
    this.#left = exports['left'] as WasmNumber
    this.#bytes = this.#module.atLeast(FREE_FROM) as Buffer
  }

  /** All of it; another buffer when it has grown. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Where the last walk stopped. */
  get stopped(): number {
    return this.#stopped.value
  }

  /** Records that were left then. */
  get left(): number {
    return this.#left.value
  }

  /** Has `end` bytes or more afterwards; false: it cannot. */
  reach(end: number): boolean {
    const bytes = this.#module.atLeast(end)
    if (bytes === null) return false
    this.#bytes = bytes
    return true
  }

  /** The bytes of `data`, which is kept as long, lie at `at`; null: nothing is known. */
  hold(data: Buffer | null, at = 0): void {
    this.#held = data
    this.#heldAt = at
  }

  /** Where the bytes of `data` lie; 0 = nowhere. */
  placeOf(data: Buffer): number {
    return this.#held === data ? this.#heldAt : 0
  }
}

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export const recordMemory: () => RecordMemory | null = sharedModule(
  () => new RecordMemory(Buffer.from(RECORDS_MODULE, 'base64')),
)
