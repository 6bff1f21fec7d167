/**
 * Compiles the modules into src/serde, where their bytes stand as text: so the package has no file
 * to find beside its modules, whoever bundles it.
 */
import { writeFile } from 'node:fs/promises'
import { compileModule, moduleText } from './compile-module.mjs'

for (const [source, module, name] of [
  ['record-scan.ts', 'json-scan/scan-module.ts', 'SCAN_MODULE'],
  ['row-writer.ts', 'json-rows/rows-module.ts', 'ROWS_MODULE'],
]) {
  const bytes = await compileModule(new URL(source, import.meta.url))
  const file = new URL(`../src/serde/${module}`, import.meta.url)
  await writeFile(file, moduleText(name, bytes))
}
