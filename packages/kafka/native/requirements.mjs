// What a source build needs, what of it is missing, and how to say so.
//
// Without one of these libraries librdkafka does not fail: it builds itself without TLS, SASL or
// zstd. So all of them are looked for first, and nothing is built before all of them are there.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from './host.mjs'

/**
 * @typedef {object} Requirement
 * @property {string} debian name of the Debian package
 * @property {string} [tool] program it brings
 * @property {string} [header] header it brings
 * @property {string} [gives] what librdkafka lacks without it
 */

/** @type {readonly Requirement[]} */
export const REQUIREMENTS = Object.freeze([
  { debian: 'gcc', tool: 'gcc' },
  { debian: 'g++', tool: 'g++' },
  { debian: 'make', tool: 'make' },
  { debian: 'python3', tool: 'python3' },
  { debian: 'bash', tool: 'bash' },
  { debian: 'libcurl4-openssl-dev', header: 'curl/curl.h', gives: 'OAuth' },
  { debian: 'libssl-dev', header: 'openssl/ssl.h', gives: 'TLS, SCRAM' },
  { debian: 'libsasl2-dev', header: 'sasl/sasl.h', gives: 'Kerberos' },
  { debian: 'zlib1g-dev', header: 'zlib.h', gives: 'gzip' },
  { debian: 'libzstd-dev', header: 'zstd.h', gives: 'zstd' },
  { debian: 'liblz4-dev', header: 'lz4frame.h', gives: 'lz4' },
])

/** @param {NodeJS.ProcessEnv} env @returns {Requirement[]} those that are missing, in order */
export function missingRequirements(env) {
  const headers = REQUIREMENTS.flatMap(({ header }) => header ?? [])
  const absent = new Set(absentHeaders(headers, env))
  return REQUIREMENTS.filter(({ tool, header }) =>
    tool ? !findTool(tool, env) : header !== undefined && absent.has(header),
  )
}

/** @param {readonly Requirement[]} missing */
export function describeMissing(missing) {
  const tools = missing.filter(item => item.tool)
  const libraries = missing.filter(item => item.header)
  const names = (/** @type {Requirement[]} */ items) => items.map(item => item.debian).join(' ')
  const lines = []
  if (tools.length > 0) lines.push(`programs:  ${names(tools)}`)
  if (libraries.length > 0) lines.push(`libraries: ${names(libraries)}  (Debian's names)`)
  return lines
}

/** The command that brings them on Debian. @param {readonly Requirement[]} missing */
export function installCommand(missing) {
  return `apt-get update && apt-get install -y ${missing.map(item => item.debian).join(' ')}`
}

/**
 * Asks the compiler, which knows CPATH and the folder of the architecture; without one, looks into
 * the usual folders.
 * @param {string[]} headers @param {NodeJS.ProcessEnv} env
 */
function absentHeaders(headers, env) {
  const compiler = findTool('gcc', env) ?? findTool('cc', env)
  if (compiler) {
    const lines = headers.map((name, i) => `#if !__has_include(<${name}>)\nabsent_${i}\n#endif`)
    const run = spawnSync(compiler, ['-E', '-P', '-x', 'c', '-'], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
      env,
    })
    if (run.status === 0) return headers.filter((_, i) => run.stdout.includes(`absent_${i}\n`))
  }
  const folders = includeFolders()
  return headers.filter(name => !folders.some(folder => existsSync(join(folder, name))))
}

function includeFolders() {
  const root = '/usr/include'
  const multiarch = existsSync(root)
    ? readdirSync(root).filter(name => name.includes('-linux-'))
    : []
  return [root, '/usr/local/include', ...multiarch.map(name => join(root, name))]
}
