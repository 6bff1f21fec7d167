// Ends processes that we started, and only those: a pid may belong to another process by now, so a
// process is known by its pid and the time it was started, as the system tells it.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {{ pid: number, started: string }} ProcessId */

/**
 * @param {number} pid @returns {ProcessId | undefined} undefined: no such process, or it has ended
 */
export function identify(pid) {
  try {
    // Field 3 is the state, field 22 the start; the name before them may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : { pid, started: `${fields[19]}` }
  } catch {
    if (process.platform === 'linux') return undefined
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' })
    return started.trim() ? { pid, started: started.trim() } : undefined
  } catch {
    return undefined
  }
}

/** @param {ProcessId} id */
export function isRunning(id) {
  return identify(id.pid)?.started === id.started
}

/** Asks it to end, and ends it when it does not within the grace. @param {ProcessId} id */
export async function endProcess(id, graceMs = 10_000) {
  const deadline = Date.now() + graceMs
  signal(id, 'SIGTERM')
  while (isRunning(id) && Date.now() < deadline) await sleep(50)
  signal(id, 'SIGKILL')
  while (isRunning(id)) await sleep(50)
}

/** @param {ProcessId} id @param {NodeJS.Signals} name */
function signal(id, name) {
  try {
    if (isRunning(id)) process.kill(id.pid, name)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}
