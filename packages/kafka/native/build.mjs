// The source build, in a copy of the package inside the work folder: about 50 s on two cores.
//
//   1. util/configure   writes librdkafka's config.h; without it make knows no rule for that file
//   2. node-gyp rebuild librdkafka, then the addon over it
//
// CKJS_LINKING=dynamic means "link this machine's OpenSSL, zstd, …": the default downloads and
// builds the sources of all of them.

import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { run } from './child.mjs'

const BUILD_TIMEOUT_MS = 15 * 60_000

/**
 * @param {import('./addon.mjs').Addon} addon
 * @param {import('./host.mjs').Host} host
 * @param {{ workFolder: string, logFile: string, onStep: (what: string) => void, onAlive: (seconds:
 * number) => void }} options
 * @returns {Promise<string>} the build folder
 */
export async function buildFromSource(addon, host, { workFolder, logFile, onStep, onAlive }) {
  if (!host.nodeGyp) throw new Error('node-gyp was found neither in npm nor on the PATH')
  const folder = join(workFolder, 'source')
  copySource(addon, folder)
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...host.env, CKJS_LINKING: 'dynamic', BUILD_LIBRDKAFKA: '1' }
  // It may name the headers of another Node version; the right ones are given below.
  delete env['npm_config_nodedir']
  const options = { cwd: folder, env, logFile, timeoutMs: BUILD_TIMEOUT_MS, onAlive }

  onStep('configuring librdkafka')
  await run(process.execPath, ['util/configure'], options)
  onStep('compiling librdkafka and the addon')
  const headers = host.nodeHeaders ? [`--nodedir=${host.nodeHeaders}`] : []
  await run(process.execPath, [host.nodeGyp, 'rebuild', ...headers], options)
  return join(folder, 'build')
}

/** @param {import('./addon.mjs').Addon} addon @param {string} folder */
function copySource(addon, folder) {
  const skipped = ['build', 'node_modules'].map(name => join(addon.folder, name))
  cpSync(addon.folder, folder, { recursive: true, filter: path => !skipped.includes(path) })
  // The build asks Node for nan, from inside the copy.
  const nan = dirname(createRequire(join(addon.folder, 'package.json')).resolve('nan/package.json'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(nan, join(folder, 'node_modules/nan'), 'dir')
}
