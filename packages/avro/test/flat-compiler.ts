/** The source of the scan in WebAssembly, and its compiler, which is none of this package. */
interface Compiler {
  compileModule(source: URL, change?: (text: string) => string): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../', import.meta.url)

export const SOURCE: URL = new URL('avro/wasm/flat-scan.ts', PACKAGES)
const address = new URL('core/wasm/compile-module.mjs', PACKAGES).href
export const { compileModule, compilePlanted } = (await import(address)) as Compiler
