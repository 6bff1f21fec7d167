// The prebuilt binary that the addon's authors publish, fetched by their own means (node-pre-gyp)
// into a work folder. node-pre-gyp has no bound on connecting, hence ours on the whole.

import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { run, tailOf } from './child.mjs'

const DOWNLOAD_TIMEOUT_MS = 60_000

/**
 * @param {import('./addon.mjs').Addon} addon
 * @param {import('./host.mjs').Host} host
 * @param {{ workFolder: string, logFile: string, onAlive: (seconds: number) => void }} options
 * @returns {Promise<string>} the build folder
 */
export async function downloadPrebuilt(addon, host, { workFolder, logFile, onAlive }) {
  const folder = join(workFolder, 'prebuilt')
  const manifest = join(addon.folder, 'package.json')
  mkdirSync(folder, { recursive: true })
  copyFileSync(manifest, join(folder, 'package.json'))
  const entry = createRequire(manifest).resolve('@mapbox/node-pre-gyp/package.json')
  const program = join(entry, '../bin/node-pre-gyp')
  try {
    await run(process.execPath, [program, 'install'], {
      cwd: folder,
      env: host.env,
      logFile,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      onAlive,
    })
  } catch (error) {
    const reason = tailOf(logFile, 40).find(line => /install request to|response status/.test(line))
    throw reason ? new Error(reason.replace(/^.*install (?=request|response)/, '')) : error
  }
  return join(folder, 'build')
}
