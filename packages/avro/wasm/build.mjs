/** Compiles the module into src/codec, where its bytes stand as text. */
import { writeFile } from 'node:fs/promises'
import { compileModule, moduleText } from '../../core/wasm/compile-module.mjs'

const bytes = await compileModule(new URL('flat-scan.ts', import.meta.url))
const file = new URL('../src/codec/flat-scan-module.ts', import.meta.url)
await writeFile(file, moduleText('FLAT_SCAN_MODULE', bytes))
