// The native part of @confluentinc/kafka-javascript: where it lies, whether it loads, and how a
// build of it gets in place.
//
// A build is a folder with `Release/confluent-kafka-javascript.node` and, when linked dynamically,
// `deps/librdkafka*.so.1` beside it; the addon finds them relative to itself, so a build may be
// moved. A build is only ever put in place by rename, libraries first, so no reader sees half of
// one.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const ADDON_PACKAGE = '@confluentinc/kafka-javascript'
const ADDON_FILE = 'Release/confluent-kafka-javascript.node'

/** librdkafka builds itself without these, silently, when a library is not found. */
const FEATURES_REQUIRED = ['ssl', 'sasl', 'sasl_scram', 'sasl_oauthbearer', 'zstd', 'lz4', 'gzip']

/**
 * @typedef {{ folder: string, version: string, buildFolder: string }} Addon
 * @typedef {{ loads: true, features: string[] } | { loads: false, reason: string }} Probe
 */

/** The addon as this package resolves it. @returns {Addon} */
export function findAddon(from = import.meta.url) {
  const manifest = createRequire(from).resolve(`${ADDON_PACKAGE}/package.json`)
  const folder = dirname(manifest)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  return { folder, version, buildFolder: join(folder, 'build') }
}

/**
 * Loads a build in a child process, because a library that is missing or of another ABI cannot be
 * unloaded, and because the addon can be loaded only once in a process.
 * @param {string} buildFolder @returns {Promise<Probe>}
 */
export async function probe(buildFolder) {
  const file = join(buildFolder, ADDON_FILE)
  if (!existsSync(file)) return { loads: false, reason: 'there is no build' }
  const script = 'process.stdout.write(require(process.argv[1]).features())'
  try {
    const run = promisify(execFile)(process.execPath, ['-e', script, file], { timeout: 30_000 })
    const features = (await run).stdout.split(',').map(name => name.trim())
    const missing = FEATURES_REQUIRED.filter(name => !features.includes(name))
    if (missing.length === 0) return { loads: true, features }
    return { loads: false, reason: `it was built without ${missing.join(', ')}` }
  } catch (error) {
    return { loads: false, reason: firstErrorLine(error) }
  }
}

/** @param {string} fromBuildFolder @param {string} toBuildFolder */
export function placeBuild(fromBuildFolder, toBuildFolder) {
  const libraries = join(fromBuildFolder, 'deps')
  if (existsSync(libraries)) {
    for (const name of readdirSync(libraries)) {
      if (/^librdkafka(\+\+)?(\.so\.1|\.1\.dylib)$/.test(name)) place(join('deps', name))
    }
  }
  place(ADDON_FILE)

  /** @param {string} path */
  function place(path) {
    const target = join(toBuildFolder, path)
    const unfinished = `${target}.${process.pid}.tmp`
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(fromBuildFolder, path), unfinished)
    renameSync(unfinished, target)
  }
}

/** @param {any} error of execFile */
function firstErrorLine(error) {
  if (error.killed) return 'loading it did not end within 30 s'
  const lines = `${error.stderr ?? ''}`.split('\n')
  const line = lines.find(text => /^\w*Error\b/.test(text)) ?? `${error.message}`.split('\n')[0]
  return (line ?? 'unknown error').replace(/^Error: /, '')
}
