/**
 * `npm run release:version`: raises the versions, and writes the changelogs, from the notes in
 * .changeset.
 *
 * Changesets makes every package `major` whose peer gets a new minor version, so a breaking change
 * of core 0.1 would make 1.0 of all. Ours have one version and peers of that version, so it is not
 * shown which are peers.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode, toolPath } from './command.mjs'
import { packageFolders } from './workspace.mjs'

/** @type {Map<string, Record<string, string>>} file → the peers that were in it */
const hidden = new Map()

for (const folder of packageFolders(ROOT)) {
  const file = join(ROOT, folder, 'package.json')
  const { peerDependencies, ...manifest } = JSON.parse(readFileSync(file, 'utf8'))
  if (peerDependencies === undefined) continue
  hidden.set(file, peerDependencies)
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`)
}
try {
  process.exitCode = await runNode(toolPath('changeset'), ['version'])
} finally {
  for (const [file, peerDependencies] of hidden) putBack(file, peerDependencies)
}
process.exitCode ||= await runNode(toolPath('biome'), ['check', '--write', 'packages'])

/**
 * Before the dependencies for development, where they were.
 *
 * @param {string} file
 * @param {Record<string, string>} peerDependencies
 */
function putBack(file, peerDependencies) {
  const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')))
  const at = entries.findIndex(([name]) => name === 'devDependencies')
  const whole = entries.toSpliced(at < 0 ? entries.length : at, 0, [
    'peerDependencies',
    peerDependencies,
  ])
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(whole), undefined, 2)}\n`)
}
