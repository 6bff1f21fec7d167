import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What to say when this Node is older than package.json's `engines` allow, else undefined.
 *
 * @param {string} root
 * @param {string} version
 * @returns {string | undefined}
 */
export function tooOld(root, version) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const least = engines.node.replace('>=', '')
  if (isAtLeast(version, least)) return undefined
  return `Millrace needs Node ${least} or newer; this is ${version}.`
}

/**
 * @param {string} version
 * @param {string} least
 */
export function isAtLeast(version, least) {
  const have = version.split('.').map(Number)
  for (const [i, part] of least.split('.').map(Number).entries()) {
    if (have[i] !== part) return (have[i] ?? 0) > part
  }
  return true
}
