// Runs one program to its end: output into a log file, a sign of life on the terminal, a bound in
// time, and no grandchild left behind (each program gets its own process group).

import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** @type {Set<number>} groups to end when this process is ended */
const groups = new Set()
let listening = false

/**
 * @typedef {object} RunOptions
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} logFile output is appended
 * @property {number} timeoutMs
 * @property {(elapsedSeconds: number) => void} [onAlive] every 10 s
 */

/** @param {string} program @param {readonly string[]} args @param {RunOptions} options */
export async function run(program, args, { cwd, env, logFile, timeoutMs, onAlive }) {
  endChildrenWithThisProcess()
  const started = Date.now()
  const log = openSync(logFile, 'a')
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  if (child.pid) groups.add(child.pid)
  const elapsed = () => Math.round((Date.now() - started) / 1000)
  const alive = setInterval(() => onAlive?.(elapsed()), 10_000)
  let timedOut = false
  const timeout = setTimeout(() => {
    timedOut = true
    endGroup(child.pid)
  }, timeoutMs)
  try {
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code ?? signal))
    })
    if (timedOut) throw new Error(`${program} did not end within ${timeoutMs / 1000} s`)
    if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}`)
  } finally {
    clearInterval(alive)
    clearTimeout(timeout)
    if (child.pid) groups.delete(child.pid)
  }
}

/** The last lines of a log, for an error. @param {string} logFile */
export function tailOf(logFile, lines = 20) {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines)
  } catch {
    return []
  }
}

function endChildrenWithThisProcess() {
  if (listening) return
  listening = true
  process.on('exit', () => groups.forEach(endGroup))
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      groups.forEach(endGroup)
      process.kill(process.pid, signal)
    })
  }
}

/** @param {number | undefined} pid */
function endGroup(pid) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {}
}
