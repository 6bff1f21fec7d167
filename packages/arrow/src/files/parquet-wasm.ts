import { createRequire } from 'node:module'
import { MillraceError } from '@millrace/core'

export type ParquetWasm = typeof import('parquet-wasm')

let loaded: ParquetWasm | undefined

/** The Parquet writer, five megabytes of WebAssembly: loaded when a file is first written. */
export function parquetWasm(): ParquetWasm {
  try {
    loaded ??= createRequire(import.meta.url)('parquet-wasm') as ParquetWasm
    return loaded
  } catch (error) {
    throw new MillraceError(
      'SINK_FAILED',
      `parquet-wasm could not be loaded: ${String(error)}. Install the dependencies anew.`,
      { cause: error },
    )
  }
}
