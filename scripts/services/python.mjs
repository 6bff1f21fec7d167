// Python with packages from PyPI, made once in the user's cache folder: what other tools make of
// our data is seen with it. The folder is named after the packages, and has its name when all have
// come.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findTool } from '../../packages/kafka/native/host.mjs'
import { servicesFolder } from './java.mjs'
import { ServiceError } from './service-error.mjs'

const TIMEOUT_MS = 10 * 60_000

/** What reads Arrow and Parquet in tests and examples. */
export const ARROW_READERS = [
  'pyarrow==26.0.1',
  'polars==2.1.0',
  'duckdb==2.0.1',
  'scikit-learn==1.9.1',
]

/** What reads and writes Avro in tests: Confluent's client, and the codecs that fastavro lacks. */
export const AVRO_READERS = [
  'confluent-kafka[avro,schemaregistry]==2.12.1',
  'fastavro==1.13.1',
  'cramjam==2.14.0',
  'backports.zstd==1.8.0',
]

/**
 * The path of a Python that has these packages.
 * @param {readonly string[]} packages pinned, as pip takes them
 * @param {(line: string) => void} say
 */
export async function pythonWith(packages, say) {
  const id = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12)
  const folder = join(servicesFolder(), `python-${id}`)
  const python = join(folder, 'bin', 'python')
  if (existsSync(folder)) return python
  const system = findTool('python3')
  if (!system) throw new ServiceError('Python 3 is needed; install it (Debian: python3-venv)')
  say(`fetching ${packages.join(', ')} with pip, once`)
  const work = mkdtempSync(`${folder}.`)
  const alive = setInterval(() => say('still fetching'), 10_000)
  try {
    await run(system, ['-m', 'venv', work])
    await run(join(work, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages])
    renameSync(work, folder)
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error
  } finally {
    clearInterval(alive)
    rmSync(work, { recursive: true, force: true })
  }
  return python
}

/** @param {string} program @param {readonly string[]} args */
async function run(program, args) {
  try {
    await promisify(execFile)(program, args, { timeout: TIMEOUT_MS })
  } catch (error) {
    const { message, stderr = '' } = /** @type {any} */ (error)
    throw new ServiceError(`no Python with packages: ${message}\n${String(stderr).slice(-1_000)}`, {
      cause: error,
    })
  }
}
