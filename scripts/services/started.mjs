// Which servers `npm run services -- up` has started for this checkout: one JSON file in the user's
// cache folder, replaced by rename.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { servicesFolder } from './java.mjs'
import { isRunning } from './process.mjs'

/** @typedef {Record<string, import('./server.mjs').Server>} Started by name of the service */

/** Servers that still run. @returns {Started} */
export function readStarted() {
  try {
    const started = /** @type {Started} */ (JSON.parse(readFileSync(stateFile(), 'utf8')))
    return Object.fromEntries(Object.entries(started).filter(([, server]) => isRunning(server)))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {}
    throw error
  }
}

/** @param {Started} started */
export function writeStarted(started) {
  const file = stateFile()
  if (Object.keys(started).length === 0) return rmSync(file, { force: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(started, null, 2)}\n`)
  renameSync(unfinished, file)
}

function stateFile() {
  const checkout = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))
  const folder = join(servicesFolder(), 'started')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${createHash('sha256').update(checkout).digest('hex').slice(0, 16)}.json`)
}
