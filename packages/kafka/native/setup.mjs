// Makes @confluentinc/kafka-javascript loadable. Ways, in this order; the first that yields a build
// that loads, with TLS, SASL and zstd, ends it:
//
//   1. it loads already
//   2. the build kept in the user's cache folder
//   3. the prebuilt binary of its authors
//   4. a source build, when everything it needs is there, or can be installed (root on Debian)
//
// Whatever 3 or 4 yields is kept for 2. All of them work on a folder of their own and end in a
// rename.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findAddon, placeBuild, probe } from './addon.mjs'
import { buildFromSource } from './build.mjs'
import { BuildCache } from './cache.mjs'
import { run, tailOf } from './child.mjs'
import { downloadPrebuilt } from './download.mjs'
import { buildKey, currentHost } from './host.mjs'
import { describeMissing, installCommand, missingRequirements } from './requirements.mjs'

const APT_TIMEOUT_MS = 10 * 60_000

/** Everything `setup` does to the outside world; tests give another one. */
const realActions = {
  findAddon,
  currentHost,
  probe,
  placeBuild,
  downloadPrebuilt,
  buildFromSource,
  missingRequirements,
  installPackages,
  openCache,
}

/** A failure that is explained in full by its message. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError'
}

/**
 * @typedef {object} SetupOptions
 * @property {boolean} [checkOnly] report, change nothing
 * @property {boolean} [download] false: do not try the prebuilt binary
 * @property {(line: string) => void} [say] progress
 *
 * @param {SetupOptions} options
 * @returns {Promise<'loaded' | 'cached' | 'downloaded' | 'built'>} how it came to load
 */
export async function setup(options = {}, actions = realActions) {
  const { checkOnly = false, download = true, say = () => {} } = options
  const addon = actions.findAddon()
  const present = await actions.probe(addon.buildFolder)
  if (present.loads) return 'loaded'
  if (checkOnly) throw new SetupError(notLoadable(addon, present.reason))

  const host = actions.currentHost()
  const cache = actions.openCache(host, addon)
  const attempt = new Attempt(addon, host, cache, say, actions)
  say(`setting up the native part of the Kafka client ${addon.version} (${present.reason})`)
  try {
    return await cache.withLock(
      workFolder => attempt.run(workFolder, download),
      pid => say(`process ${pid} is setting it up already: waiting for it`),
    )
  } catch (error) {
    throw explainedIfFileSystem(error, addon)
  }
}

class Attempt {
  /** @type {string[]} what was tried and why it did not do */
  #tried = []

  /**
   * @param {import('./addon.mjs').Addon} addon
   * @param {import('./host.mjs').Host} host
   * @param {ReturnType<typeof openCache>} cache
   * @param {(line: string) => void} say
   * @param {typeof realActions} actions
   */
  constructor(addon, host, cache, say, actions) {
    this.addon = addon
    this.host = host
    this.cache = cache
    this.say = say
    this.actions = actions
  }

  /** @param {string} workFolder @param {boolean} download */
  async run(workFolder, download) {
    const { addon, actions } = this
    if ((await actions.probe(addon.buildFolder)).loads) return 'loaded'
    if (await this.#placeCached()) return 'cached'
    if (await this.#placeDownloaded(workFolder, download)) return 'downloaded'
    await this.#placeBuilt(workFolder)
    return 'built'
  }

  async #placeCached() {
    const { cache, actions } = this
    if (!cache.has()) return this.#failed('cached build', `none for ${cache.key}`)
    const found = await actions.probe(cache.buildFolder)
    if (!found.loads) return this.#failed('cached build', found.reason)
    actions.placeBuild(cache.buildFolder, this.addon.buildFolder)
    this.say('took the build kept in the cache folder')
    return true
  }

  /** @param {string} workFolder @param {boolean} wanted */
  async #placeDownloaded(workFolder, wanted) {
    const what = 'prebuilt binary'
    if (!wanted) return this.#failed(what, 'not tried: --no-download')
    this.say('downloading the prebuilt binary')
    try {
      const logFile = this.cache.logFile
      const onAlive = this.#alive('downloading')
      const folder = await this.actions.downloadPrebuilt(this.addon, this.host, {
        workFolder,
        logFile,
        onAlive,
      })
      await this.#keepAndPlace(folder)
      return true
    } catch (error) {
      if (isFileSystem(error)) throw error
      const { message } = /** @type {Error} */ (error)
      this.say(`no prebuilt binary: ${message}`)
      return this.#failed(what, message)
    }
  }

  /** @param {string} workFolder */
  async #placeBuilt(workFolder) {
    const { addon, host, cache, actions } = this
    if (host.platform !== 'linux')
      throw this.#noWay('source build', ['supported on Linux only'], [])
    let missing = actions.missingRequirements(host.env)
    if (missing.length > 0 && host.isRoot && host.isDebian) {
      this.say(`installing ${missing.map(item => item.debian).join(' ')}`)
      await actions
        .installPackages(missing, host, cache.logFile, this.#alive('installing'))
        .catch(error => {
          this.#failed('apt-get', error.message)
        })
      missing = actions.missingRequirements(host.env)
    }
    if (missing.length > 0) {
      throw this.#noWay(
        'source build',
        ['not begun, missing here:', ...describeMissing(missing)],
        missing,
      )
    }
    this.say(`building from source, about a minute; log: ${cache.logFile}`)
    const onAlive = this.#alive('building')
    const onStep = (/** @type {string} */ step) => this.say(step)
    try {
      const options = { workFolder, logFile: cache.logFile, onStep, onAlive }
      await this.#keepAndPlace(await actions.buildFromSource(addon, host, options))
    } catch (error) {
      if (isFileSystem(error)) throw error
      const lines = [
        /** @type {Error} */ (error).message,
        `end of ${cache.logFile}:`,
        ...tailOf(cache.logFile),
      ]
      throw this.#noWay('source build', lines, [])
    }
  }

  /** @param {string} buildFolder */
  async #keepAndPlace(buildFolder) {
    const made = await this.actions.probe(buildFolder)
    if (!made.loads) throw new Error(made.reason)
    this.cache.store(buildFolder)
    this.actions.placeBuild(buildFolder, this.addon.buildFolder)
  }

  /** @param {string} what */
  #alive(what) {
    return (/** @type {number} */ seconds) => this.say(`still ${what} (${seconds} s)`)
  }

  /** @param {string} way @param {string} reason @returns {false} */
  #failed(way, reason) {
    this.#tried.push(`  ${way.padEnd(16)} ${reason}`)
    return false
  }

  /**
   * @param {string} way @param {string[]} reason
   * @param {readonly import('./requirements.mjs').Requirement[]} missing
   */
  #noWay(way, reason, missing) {
    this.#failed(way, reason.join(`\n${' '.repeat(21)}`))
    const { addon, host } = this
    const what = `Node ABI ${host.abi}, ${host.platform} ${host.arch}, ${host.libc}`
    const lines = [
      `The native part of @confluentinc/kafka-javascript ${addon.version} could not be made ` +
        `(${what}).`,
      'Tried:',
      ...this.#tried,
      'What to do:',
    ]
    if (missing.length > 0 && host.isDebian) lines.push(`  as root: ${installCommand(missing)}`)
    else if (missing.length > 0)
      lines.push('  install what is missing, under the names your system gives it')
    else lines.push('  see the reason above')
    lines.push('  then:    npx millrace-kafka-setup')
    lines.push(
      '  or run that once where github.com can be reached: Node LTS versions up to 24 have a',
    )
    lines.push('  prebuilt binary there.')
    if (missing.some(item => item.gives)) {
      lines.push(
        'Nothing was built, because a build without these libraries would lack TLS, SASL or zstd.',
      )
    }
    return new SetupError(lines.join('\n'))
  }
}

/**
 * @param {readonly import('./requirements.mjs').Requirement[]} missing
 * @param {import('./host.mjs').Host} host
 * @param {string} logFile
 * @param {(seconds: number) => void} onAlive
 */
async function installPackages(missing, host, logFile, onAlive) {
  const env = { ...host.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { cwd: '/', env, logFile, timeoutMs: APT_TIMEOUT_MS, onAlive }
  const names = missing.map(item => item.debian)
  await run('apt-get', ['update'], options)
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...names], options)
}

/**
 * The cache of this user. Without a home to keep it in, a temporary folder that is never looked at
 * again: a folder others may write to is no place to load code from.
 * @param {import('./host.mjs').Host} host @param {import('./addon.mjs').Addon} addon
 */
function openCache(host, addon) {
  const key = buildKey(host, addon.version)
  if (host.cacheFolder) {
    try {
      return new BuildCache(host.cacheFolder, key)
    } catch (error) {
      if (!isFileSystem(error)) throw error
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return new BuildCache(folder, key)
}

/** @param {import('./addon.mjs').Addon} addon @param {string} reason */
function notLoadable(addon, reason) {
  return [
    `The native part of @confluentinc/kafka-javascript ${addon.version} does not load: ${reason}.`,
    'What to do: npx millrace-kafka-setup',
  ].join('\n')
}

/** @param {unknown} error */
function isFileSystem(error) {
  return ['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(/** @type {any} */ (error)?.code)
}

/** @param {any} error @param {import('./addon.mjs').Addon} addon */
function explainedIfFileSystem(error, addon) {
  if (!isFileSystem(error)) return error
  return new SetupError(
    [
      `The native part of @confluentinc/kafka-javascript ${addon.version} could not be put ` +
        'in place.',
      `  ${error.message}`,
      'What to do: run npx millrace-kafka-setup as a user who may write there.',
    ].join('\n'),
    { cause: error },
  )
}
