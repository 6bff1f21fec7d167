/**
 * Global set-up of the consumer tests: builds the packages and packs what would be published, once
 * a run. In a test: `const tarballs = inject('tarballs')`, a folder with one of each.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ROOT } from '../../scripts/command.mjs'
import { build } from '../../scripts/setup/build.mjs'
import { pinnedPnpm } from '../../scripts/workspace.mjs'
import { runIn } from './empty-project.ts'

declare module 'vitest' {
  interface ProvidedContext {
    tarballs: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-tarballs-'))
  if ((await build()) !== 0) throw new Error('the build failed; see the output above')
  const pack = ['pack', '--pack-destination', folder]
  await runIn(ROOT, 'npx', ['--yes', pinnedPnpm(ROOT), '-r', '--filter', './packages/*', ...pack])
  project.provide('tarballs', folder)
  return () => rm(folder, { recursive: true, force: true })
}

export async function tarballOf(folder: string, name: string): Promise<string> {
  const files = await readdir(folder)
  const file = files.find(each => each.startsWith(`millrace-${name}-`))
  if (file === undefined) throw new Error(`no tarball of ${name} among ${files.join(', ')}`)
  return join(folder, file)
}
