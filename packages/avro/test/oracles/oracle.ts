/**
 * Runs other implementations of Avro over a file of cases: fastavro in a virtual environment of its
 * own, Java's Avro from Maven's jars. Both are fetched once into the user's cache folder; where
 * that cannot be, the oracle is missing, which under CI is an error.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
// @ts-expect-error The services are plain JavaScript.
import { findJava, installJars, servicesFolder } from '../../../../scripts/services/java.mjs'

const FASTAVRO = 'fastavro==1.12.1'
const AVRO = 'org.apache.avro:avro:1.11.4'
const INSTALL_MS = 300_000
const RUN_MS = 120_000
const run = promisify(execFile)

export interface OracleCase {
  readonly w: unknown
  readonly r: unknown
  readonly h: readonly string[]
}

export type Outcome = { readonly v: unknown } | { readonly e: string }

export interface OracleAnswer {
  readonly w: readonly Outcome[]
  readonly r: readonly Outcome[]
  readonly b: readonly Outcome[]
}

export type Oracle = (cases: readonly OracleCase[]) => Promise<OracleAnswer[]>

/** Null, and a line that says why, when it cannot be had here. */
export async function oracle(name: 'fastavro' | 'java'): Promise<Oracle | null> {
  try {
    return await (name === 'java' ? javaOracle() : pythonOracle())
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(`${name} is missing, its comparison is skipped: ${error}`)
    return null
  }
}

async function pythonOracle(): Promise<Oracle> {
  const folder = join(servicesFolder(), FASTAVRO.replace('==', '-'))
  const python = join(folder, 'bin', 'python')
  if (!existsSync(join(folder, 'ready'))) {
    await run('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS })
    await run(python, ['-m', 'pip', 'install', '-q', FASTAVRO], { timeout: INSTALL_MS })
    writeFileSync(join(folder, 'ready'), '')
  }
  return withFiles((cases, answers) => {
    return run(python, [join(import.meta.dirname, 'oracle.py'), cases, answers], {
      timeout: RUN_MS,
    })
  })
}

async function javaOracle(): Promise<Oracle> {
  const java = findJava(17)
  const jars = await installJars('avro-1.11.4', [AVRO], () => undefined)
  const file = join(import.meta.dirname, 'Oracle.java')
  return withFiles((cases, answers) => {
    return run(java, ['-cp', join(jars, '*'), file, cases, answers], { timeout: RUN_MS })
  })
}

function withFiles(start: (cases: string, answers: string) => Promise<unknown>): Oracle {
  return async cases => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-avro-'))
    try {
      const [from, to] = [join(folder, 'cases'), join(folder, 'answers')]
      writeFileSync(from, cases.map(each => `${JSON.stringify(each)}\n`).join(''))
      await start(from, to)
      const lines = readFileSync(to, 'utf8').trimEnd().split('\n')
      return lines.map(line => JSON.parse(line) as OracleAnswer)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
