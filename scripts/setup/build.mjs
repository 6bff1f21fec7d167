import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode, toolPath } from '../command.mjs'
import { packageFolders } from '../workspace.mjs'

/**
 * Compiles what has changed into the packages' `dist`, and removes what has no source any more.
 *
 * @returns {Promise<number>} the exit code of the compiler
 */
export async function build() {
  const code = await runNode(toolPath('tsc'), ['-b', 'tsconfig.build.json'])
  for (const folder of packageFolders(ROOT)) pruneDist(join(ROOT, folder))
  return code
}

/**
 * Without this a renamed file would stay in `dist`, and in the published package, for ever.
 *
 * @param {string} folder of one package
 */
export function pruneDist(folder) {
  const dist = join(folder, 'dist')
  if (!existsSync(dist)) return
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = /^(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(file)?.[1]
    if (source !== undefined && !existsSync(join(folder, 'src', `${source}.ts`))) {
      rmSync(join(dist, file))
    }
  }
}
