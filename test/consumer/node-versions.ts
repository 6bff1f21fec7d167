/**
 * The versions of Node that we say we run on, as programs: the one that runs the tests, and others
 * from the registry, which has the builds of nodejs.org as packages. Those are kept in the cache
 * folder, so that only the first run fetches them.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../packages/kafka/native/host.mjs'
import { runIn } from './empty-project.ts'

/** The last of each line when this was written; see `engines` and the README. */
export const NODE_VERSIONS = ['20.20.2', '22.23.3', '24.21.0']

export async function nodeOf(version: string): Promise<string> {
  if (version.split('.')[0] === process.versions.node.split('.')[0]) return process.execPath
  const cache = cacheFolder()
  if (cache === undefined) throw new Error('no home folder: set HOME or XDG_CACHE_HOME')
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = join(cache, 'node', version)
  const program = join(folder, 'node_modules', name, 'bin/node')
  if (!existsSync(program)) await install(`${name}@${version}`, join(cache, 'node'), folder)
  return program
}

/** Under its final name only when it is whole. */
async function install(spec: string, parent: string, folder: string): Promise<void> {
  await mkdir(parent, { recursive: true })
  const work = await mkdtemp(join(parent, 'work-'))
  await writeFile(join(work, 'package.json'), '{ "private": true }\n')
  await runIn(work, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', spec])
  await rm(folder, { recursive: true, force: true })
  await rename(work, folder)
}
