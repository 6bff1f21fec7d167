// What the set-up needs to know of the machine it runs on, read once and passed along as a value,
// so that every decision can be tested for a machine that is not this one.
//
// Two builds of the addon are interchangeable exactly when their `buildKey` is equal.

import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * @typedef {object} Host
 * @property {string} platform `process.platform`
 * @property {string} arch `process.arch`
 * @property {string} abi ABI of this Node (`process.versions.modules`)
 * @property {string} libc such as `glibc-2.36`, `musl`, or `none` where the question makes no sense
 * @property {boolean} isRoot
 * @property {boolean} isDebian Debian or derived from it, with apt-get
 * @property {string | undefined} cacheFolder where builds are kept; undefined when there is no home
 * @property {string | undefined} nodeHeaders what `--nodedir` gets: headers of exactly this ABI
 * @property {string | undefined} nodeGyp the script to run with Node
 * @property {NodeJS.ProcessEnv} env
 */

/** @returns {Host} */
export function currentHost(env = process.env) {
  return Object.freeze({
    platform: process.platform,
    arch: process.arch,
    abi: process.versions.modules,
    libc: libcOfThisProcess(),
    isRoot: process.getuid?.() === 0,
    isDebian: existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get'),
    cacheFolder: cacheFolder(env),
    nodeHeaders: nodeHeaders(process.versions.modules),
    nodeGyp: nodeGyp(env),
    env,
  })
}

/** @param {Host} host @param {string} version of the addon */
export function buildKey(host, version) {
  return [version, `abi${host.abi}`, host.platform, host.arch, host.libc].join('_')
}

/** The user's cache folder of Millrace: `$XDG_CACHE_HOME/millrace`, else `~/.cache/millrace`. */
export function cacheFolder(env = process.env) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'millrace')
  const home = env.HOME || homedir()
  return home && home !== '/nonexistent' ? join(home, '.cache', 'millrace') : undefined
}

/** Full path of a program on the PATH. @param {string} name */
export function findTool(name, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (!folder) continue
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

function libcOfThisProcess() {
  if (process.platform !== 'linux') return 'none'
  const reporter = /** @type {any} */ (process.report)
  reporter.excludeNetwork = true
  const report = reporter.getReport()
  const glibc = report.header.glibcVersionRuntime
  return glibc ? `glibc-${glibc}` : 'musl'
}

/** Headers of another Node version would compile, and then not load. @param {string} abi */
function nodeHeaders(abi) {
  for (const root of [join(dirname(realpathSync(process.execPath)), '..'), '/usr', '/usr/local']) {
    try {
      const header = readFileSync(join(root, 'include/node/node_version.h'), 'utf8')
      if (new RegExp(`define NODE_MODULE_VERSION ${abi}\\b`).test(header)) return root
    } catch {}
  }
  return undefined
}

/** node-gyp comes inside npm. @param {NodeJS.ProcessEnv} env */
function nodeGyp(env) {
  const npm = findTool('npm', env)
  const npmFolders = [
    env.npm_execpath && join(dirname(env.npm_execpath), '..'),
    npm && join(dirname(realpathSync(npm)), '..'),
    join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm'),
  ]
  const scripts = npmFolders.map(
    folder => folder && join(folder, 'node_modules/node-gyp/bin/node-gyp.js'),
  )
  const own = findTool('node-gyp', env)
  return [...scripts, own && realpathSync(own)].find(path => path && existsSync(path)) || undefined
}
