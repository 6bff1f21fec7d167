/**
 * Compiles record-scan.ts into src/serde/json-scan/scan-module.ts, where its bytes stand as text:
 * so the package has no file to find beside its modules, whoever bundles it.
 */
import { writeFile } from 'node:fs/promises'
import { compileModule, moduleText } from './compile-module.mjs'

const bytes = await compileModule(new URL('record-scan.ts', import.meta.url))
const file = new URL('../src/serde/json-scan/scan-module.ts', import.meta.url)
await writeFile(file, moduleText('SCAN_MODULE', bytes))
