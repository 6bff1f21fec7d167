/**
 * A project outside the workspace, as a user has it: nothing in it but what npm installs there.
 *
 * `packAll` makes the tarballs that would be published; `EmptyProject` installs them with plain
 * npm into a temporary folder and runs programs in it, where no part of the workspace is reachable.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../scripts/command.mjs'
import { build } from '../../scripts/setup/build.mjs'
import { withoutNpm } from '../../scripts/setup/dependencies.mjs'
import { pinnedPnpm } from '../../scripts/workspace.mjs'

const execute = promisify(execFile)
const OUTPUT_BYTES_MAX = 1 << 24

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** Builds the packages and packs them; the result is the folder with a tarball of each. */
export async function packAll(packages: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-tarballs-'))
  if ((await build()) !== 0) throw new Error('the build failed; see the output above')
  for (const name of packages) {
    const args = ['--yes', pinnedPnpm(ROOT), 'pack', '--pack-destination', folder]
    await runIn(join(ROOT, 'packages', name), 'npx', args)
  }
  return folder
}

export class EmptyProject {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Makes the folder, with the programs of test/consumer/programs in it. */
  static async create(): Promise<EmptyProject> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-consumer-'))
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    await cp(join(import.meta.dirname, 'programs'), folder, { recursive: true })
    return new EmptyProject(folder)
  }

  /** Installs what npm calls a spec, a tarball or `name@version`; no install script runs. */
  async install(...specs: readonly string[]): Promise<void> {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    await this.run('npm', 'install', ...quiet, ...specs)
  }

  /** Resolves with what the program printed; rejects, with that in the message, when it fails. */
  run(program: string, ...args: readonly string[]): Promise<Output> {
    return runIn(this.folder, program, args)
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

export async function tarballOf(folder: string, name: string): Promise<string> {
  const files = await readdir(folder)
  const file = files.find(each => each.startsWith(`millrace-${name}-`))
  if (file === undefined) throw new Error(`no tarball of ${name} among ${files.join(', ')}`)
  return join(folder, file)
}

async function runIn(cwd: string, program: string, args: readonly string[]): Promise<Output> {
  const env = withoutNpm(process.env)
  try {
    return await execute(program, args, { cwd, env, maxBuffer: OUTPUT_BYTES_MAX })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<Output>
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}
