/** Compiles lz4.ts into src/records/codecs/lz4-module.ts, where its bytes stand as text. */
import { writeFile } from 'node:fs/promises'
import { compileModule, moduleText } from '../../core/wasm/compile-module.mjs'

const bytes = await compileModule(new URL('lz4.ts', import.meta.url))
const file = new URL('../src/records/codecs/lz4-module.ts', import.meta.url)
await writeFile(file, moduleText('LZ4_MODULE', bytes))
