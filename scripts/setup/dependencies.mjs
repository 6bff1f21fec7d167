/**
 * Installs the workspace's dependencies, when they are not what the lock file says.
 *
 * What decides is a stamp under node_modules: a hash of the lock file, every package.json, the
 * version of Node and the platform. pnpm comes through npx, in the version that package.json pins.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run } from '../command.mjs'
import { packageFolders, pinnedPnpm } from '../workspace.mjs'

const STAMP = join(ROOT, 'node_modules/.millrace-setup')

/** @returns {Promise<number>} the exit code of pnpm, 0 when there was nothing to do */
export async function installDependencies() {
  const wanted = fingerprint(ROOT)
  if (isInstalled(wanted)) return 0
  const code = await runPnpm(['install', '--frozen-lockfile'])
  if (code === 0) writeFileSync(STAMP, wanted)
  return code
}

/** @param {string} wanted */
function isInstalled(wanted) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) return false
  return packageFolders(ROOT).every(folder => {
    const { dependencies, devDependencies } = readJson(join(ROOT, folder, 'package.json'))
    const needsSome = Object.keys({ ...dependencies, ...devDependencies }).length > 0
    return !needsSome || existsSync(join(ROOT, folder, 'node_modules'))
  })
}

/**
 * Changes whenever an install could give something else.
 *
 * @param {string} root
 */
export function fingerprint(root) {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']
  const manifests = packageFolders(root).map(folder => `${folder}/package.json`)
  const hash = createHash('sha256')
  hash.update(`${process.version} ${process.platform} ${process.arch}\n`)
  for (const file of [...files, ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runPnpm(args) {
  const settings = ['--config.confirmModulesPurge=false', '--prod=false']
  const env = withoutNpm(process.env)
  return run('npx', ['--yes', pinnedPnpm(ROOT), ...args, ...settings], { env })
}

/** What the user may have set, and pnpm should know; all else that npm adds is npm's own. */
const OF_THE_USER =
  /^npm_config_(.*(registry|proxy|_ssl)|ca|cafile|cache|userconfig|globalconfig|nodedir)$/i

/**
 * The environment without what npm adds for the script it runs: pnpm reads the same variables
 * and would take, for example, npm's prefix or its `omit` for its own.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutNpm(env) {
  const kept = Object.entries(env).filter(([name, value]) => {
    if (name === 'INIT_CWD' || name === 'NODE_ENV') return false
    return !/^npm_/i.test(name) || (OF_THE_USER.test(name) && value !== '')
  })
  return Object.fromEntries(kept)
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}
