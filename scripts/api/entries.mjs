import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * @typedef {object} Entry something that users import
 * @property {string} folder of its package
 * @property {string} packageName without the scope
 * @property {string} name `index` for the package itself
 * @property {string} types the declarations that it begins with
 */

/**
 * The entries of all packages that are published, as their `exports` name them.
 *
 * @param {string} root
 * @returns {Entry[]}
 */
export function entriesOf(root) {
  return readdirSync(join(root, 'packages')).flatMap(name => {
    const folder = join(root, 'packages', name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (manifest.private === true) return []
    return Object.entries(manifest.exports).flatMap(([path, conditions]) => {
      const types = conditions.types
      if (types === undefined) return []
      const entry = path === '.' ? 'index' : basename(path)
      return { folder, packageName: name, name: entry, types: join(folder, types) }
    })
  })
}
