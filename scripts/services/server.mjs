// Starts one server of a service, waits until it answers, and ends it.
//
// With a lifetime the server is bound to this process: a watchdog, a process of its own, ends it
// when this process has ended in whatever way, or when the lifetime is over. Without one it runs
// until `npm run services -- down`.

import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { endProcess, identify, isRunning } from './process.mjs'
import { ServiceError } from './service-error.mjs'

/** A machine that is busy takes its time, with a server that was killed above all. */
const READY_TIMEOUT_MS = 150_000

/**
 * @typedef {object} Command
 * @property {string} program
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} [env]
 * @property {Record<string, string>} endpoints what a client needs to connect
 * @property {() => Promise<boolean>} isReady
 */

/**
 * @template Options
 * @typedef {object} Service
 * @property {string} name
 * @property {string} title
 * @property {(options: Options, context: { folder: string, say: (line: string) => void }) =>
 * Promise<Command>} prepare
 *   installs what is missing and says how to start the server; all its data goes into the folder
 */

/**
 * @typedef {object} Server
 * @property {number} pid
 * @property {string} started see process.mjs
 * @property {string} folder
 * @property {string} logFile
 * @property {Record<string, string>} endpoints
 */

/**
 * @template Options
 * @param {Service<Options>} service @param {Options} options
 * @param {{ lifetimeMs?: number, say?: (line: string) => void }} [how]
 * @returns {Promise<Server & { stop: () => Promise<void>, kill: () => Promise<void>,
 *   restart: () => Promise<void> }>} `kill` leaves the data for a later `restart`;
 *   `restart` kills the server and starts it again on its data, at the same address
 */
export async function startServer(service, options, { lifetimeMs, say = () => {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), `millrace-${service.name}-`))
  const logFile = join(folder, 'server.log')
  try {
    const command = await service.prepare(options, { folder, say })
    const begin = () => {
      const child = spawnLogged(command, folder, logFile)
      const id = identify(child.pid ?? 0)
      if (!id) throw new ServiceError(`${service.title} did not start: ${tailOf(logFile)}`)
      const server = { ...id, folder, logFile, endpoints: command.endpoints }
      const watchdog = lifetimeMs === undefined ? undefined : startWatchdog(server, lifetimeMs)
      return { server, watchdog }
    }
    let running = begin()
    const stop = async () => {
      await endServer(running.server)
      running.watchdog?.stdin?.end()
    }
    const ready = async () => {
      try {
        await untilReady(service, command, running.server)
      } catch (error) {
        await stop()
        throw error
      }
    }
    const restart = async () => {
      const before = running
      await endProcess(before.server, 0)
      running = begin()
      // It would take the folder with it.
      before.watchdog?.kill('SIGKILL')
      await ready()
    }
    await ready()
    const kill = () => endProcess(running.server, 0)
    return { ...running.server, stop, kill, restart }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** @param {Server} server */
export async function endServer(server) {
  await endProcess(server)
  rmSync(server.folder, { recursive: true, force: true })
}

/** @param {Command} command @param {string} folder @param {string} logFile */
function spawnLogged({ program, args, env }, folder, logFile) {
  const log = openSync(logFile, 'a')
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    // Its own process group: Ctrl-C at the terminal is for the runner, which then ends the server.
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', () => {})
  child.unref()
  return child
}

/** @param {Server} server @param {number} lifetimeMs */
function startWatchdog(server, lifetimeMs) {
  const script = fileURLToPath(new URL('watchdog.mjs', import.meta.url))
  const args = [script, JSON.stringify(server), `${lifetimeMs}`]
  const watchdog = spawn(process.execPath, args, {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watchdog.unref()
  // The pipe is what tells the watchdog that this process has ended; it must not keep it alive.
  const pipe = /** @type {import('node:net').Socket} */ (watchdog.stdin)
  pipe.unref()
  pipe.on('error', () => {})
  return watchdog
}

/** @param {Service<any>} service @param {Command} command @param {Server} server */
async function untilReady(service, command, server) {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!(await command.isReady())) {
    if (!isRunning(server)) {
      throw new ServiceError(`${service.title} ended while starting:\n${tailOf(server.logFile)}`)
    }
    if (Date.now() > deadline) {
      const seconds = READY_TIMEOUT_MS / 1000
      throw new ServiceError(
        `${service.title} did not answer within ${seconds} s:\n${tailOf(server.logFile)}`,
      )
    }
    await sleep(50)
  }
}

/** @param {string} logFile */
function tailOf(logFile) {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}
