import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders that hold packages; the same list as in pnpm-workspace.yaml. */
const PARENTS = ['packages', 'examples']
const SINGLE = ['benchmarks', 'docs']

/**
 * The folders of all packages of the workspace, relative to its root, in a stable order.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function packageFolders(root) {
  const inside = PARENTS.flatMap(parent => subfolders(root, parent))
  return [...inside, ...SINGLE].filter(folder => existsSync(join(root, folder, 'package.json')))
}

/**
 * @param {string} root
 * @param {string} parent
 */
function subfolders(root, parent) {
  if (!existsSync(join(root, parent))) return []
  return readdirSync(join(root, parent))
    .sort()
    .map(name => `${parent}/${name}`)
}

/**
 * The pnpm that package.json pins, as npx wants it: `pnpm@10.1.2`.
 *
 * @param {string} root
 * @returns {string}
 */
export function pinnedPnpm(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return packageManager.split('+')[0]
}
