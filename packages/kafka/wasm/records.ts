/**
 * What of reading records runs in WebAssembly, in AssemblyScript; packages/kafka/wasm/build.mjs
 * compiles it into src/records/records-module.ts. One module, so that what is inflated can be
 * walked where it lies.
 */
import { inflate } from './lz4.ts'
import { left, stopped, walk } from './walk.ts'

export { inflate, left, stopped, walk }
