/** The compiler of modules of WebAssembly; what it gives is the same on every machine. */
import { readFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

/** Of memory; a page has 64 KiB. */
const PAGES_MAX = 1024
const OPTIONS = [
  ...['--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  ...['--initialMemory', '1', '--maximumMemory', String(PAGES_MAX)],
]
const LINE = 90

/**
 * @param {URL} source an AssemblyScript file; what it imports lies beside it
 * @param {(text: string) => string} change of the source, for tests that spoil it
 * @param {boolean} isOptimised false is faster to compile
 * @returns {Promise<Uint8Array>} the bytes of the module
 */
export async function compileModule(source, change = text => text, isOptimised = true) {
  /** @type {Uint8Array | undefined} */
  let bytes
  const entry = source.pathname.slice(source.pathname.lastIndexOf('/') + 1)
  const options = [entry, '--outFile', 'out.wasm', isOptimised ? '-O3' : '-O0', ...OPTIONS]
  const { error, stderr } = await asc.main(options, {
    readFile: async name => {
      const text = await readFile(new URL(name, source), 'utf8').catch(() => null)
      return text === null ? null : change(text)
    },
    writeFile: (_name, contents) => {
      bytes = /** @type {Uint8Array} */ (contents)
    },
    listFiles: () => [],
  })
  if (error !== null || bytes === undefined) throw new Error(`${error}\n${stderr}`)
  return bytes
}

/**
 * A module with a bug in it, for tests that have to find it.
 * @param {URL} source as of `compileModule`
 * @param {string} from a text of the source
 * @param {string} to what stands there instead
 * @returns {Promise<{ bytes: Uint8Array, isPlanted: boolean }>} not planted: there is no such text
 */
export async function compilePlanted(source, from, to) {
  let isPlanted = false
  /** @param {string} text */
  const spoil = text => {
    isPlanted ||= text.includes(from)
    return text.replace(from, to)
  }
  return { bytes: await compileModule(source, spoil, false), isPlanted }
}

/**
 * A source file that holds the bytes.
 * @param {string} name of what it exports
 * @param {Uint8Array} bytes
 */
export function moduleText(name, bytes) {
  const text = Buffer.from(bytes).toString('base64')
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return `/**
 * The bytes of a module of WebAssembly: made by the build.mjs of this package's folder wasm, not to
 * be edited.
 */
export const ${name}: string = [
${lines.map(line => `  '${line}',`).join('\n')}
].join('')
`
}
