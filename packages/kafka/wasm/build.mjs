/** Compiles the modules into src/records, where their bytes stand as text. */
import { writeFile } from 'node:fs/promises'
import { compileModule, moduleText } from '../../core/wasm/compile-module.mjs'

for (const [source, module, name] of [
  ['records.ts', 'records-module.ts', 'RECORDS_MODULE'],
  ['lz4-writer.ts', 'codecs/lz4-writer-module.ts', 'LZ4_WRITER_MODULE'],
  ['record-writer.ts', 'record-writer-module.ts', 'RECORD_WRITER_MODULE'],
]) {
  const bytes = await compileModule(new URL(source, import.meta.url))
  await writeFile(new URL(`../src/records/${module}`, import.meta.url), moduleText(name, bytes))
}
