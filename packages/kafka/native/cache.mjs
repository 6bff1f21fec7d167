// Builds kept for the next checkout, one folder per `buildKey`, and the lock that lets one process
// build while others wait for its result.
//
//   <cache>/native/<key>/             a whole build (Release/, deps/), put there by one rename
//   <cache>/native/<key>.lock         pid of the process at work; a dead one's counts as free
//   <cache>/native/<key>.log          output of the last build
//   <cache>/native/<key>.<pid>.work/  folder at work, removed at the end or by the next in line
//
// The lock only saves work: two processes that both believed to hold it would build twice, and each
// would rename a whole build into place.

import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { placeBuild } from './addon.mjs'

/** Longer than any download and build may take: an older lock belongs to a pid used again. */
const LOCK_AGE_MS_MAX = 30 * 60_000

export class BuildCache {
  /** @param {string} root cache folder of Millrace @param {string} key */
  constructor(root, key) {
    this.folder = join(root, 'native')
    this.buildFolder = join(this.folder, key)
    this.logFile = join(this.folder, `${key}.log`)
    this.lockFile = join(this.folder, `${key}.lock`)
    this.workFolder = join(this.folder, `${key}.${process.pid}.work`)
    this.key = key
    mkdirSync(this.folder, { recursive: true })
  }

  has() {
    return existsSync(this.buildFolder)
  }

  /** @param {string} buildFolder */
  store(buildFolder) {
    const whole = join(this.folder, `${this.key}.${process.pid}.whole`)
    rmSync(whole, { recursive: true, force: true })
    placeBuild(buildFolder, whole)
    this.discard()
    try {
      renameSync(whole, this.buildFolder)
    } catch (error) {
      // Another process was faster; its build is as good.
      rmSync(whole, { recursive: true, force: true })
      if (!this.has()) throw error
    }
  }

  discard() {
    if (!this.has()) return
    const old = join(this.folder, `${this.key}.${process.pid}.old`)
    renameSync(this.buildFolder, old)
    rmSync(old, { recursive: true, force: true })
  }

  /**
   * @template T
   * @param {(workFolder: string) => Promise<T>} work
   * @param {(pid: number) => void} onWait called once, when another process is at work
   */
  async withLock(work, onWait) {
    for (let waits = 0; !this.#acquire(); waits++) {
      const owner = this.#owner()
      if (owner === undefined) continue
      if (waits === 0) onWait(owner)
      await sleep(200)
    }
    try {
      this.#removeLeftovers()
      mkdirSync(this.workFolder, { recursive: true })
      return await work(this.workFolder)
    } finally {
      rmSync(this.workFolder, { recursive: true, force: true })
      rmSync(this.lockFile, { force: true })
    }
  }

  #acquire() {
    // Written first and then linked, so that a lock never lacks its pid.
    const unfinished = `${this.lockFile}.${process.pid}`
    writeFileSync(unfinished, `${process.pid}\n`)
    try {
      linkSync(unfinished, this.lockFile)
      return true
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'EEXIST') throw error
      return false
    } finally {
      rmSync(unfinished, { force: true })
    }
  }

  /**
   * Pid of the owner, unless it is dead, too old, or a former life of this pid: then it is removed.
   */
  #owner() {
    try {
      const pid = Number(readFileSync(this.lockFile, 'utf8'))
      const ageMs = Date.now() - statSync(this.lockFile).mtimeMs
      if (pid !== process.pid && isAlive(pid) && ageMs < LOCK_AGE_MS_MAX) return pid
      rmSync(this.lockFile, { force: true })
    } catch {}
    return undefined
  }

  #removeLeftovers() {
    for (const name of readdirSync(this.folder)) {
      const pid = name.startsWith(`${this.key}.`) && /\.(\d+)\.(work|whole|old)$/.exec(name)?.[1]
      if (pid && !isAlive(Number(pid)))
        rmSync(join(this.folder, name), { recursive: true, force: true })
    }
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {any} */ (error).code === 'EPERM'
  }
}
