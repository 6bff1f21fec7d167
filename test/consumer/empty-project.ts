/**
 * A project outside the workspace, as a user has it: nothing in it but what npm installs there.
 *
 * `EmptyProject` installs tarballs with plain npm into a temporary folder and runs programs in it,
 * where no part of the workspace is reachable.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { withoutNpm } from '../../scripts/setup/dependencies.mjs'

const execute = promisify(execFile)
const OUTPUT_BYTES_MAX = 1 << 24

export interface Output {
  readonly stdout: string
  readonly stderr: string
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

  /** The same by this Node, which programs that are started in turn find first. */
  runNode(node: string, ...args: readonly string[]): Promise<Output> {
    const path = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`
    return runIn(this.folder, node, args, { PATH: path, MILLRACE_LOG: 'warn' })
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

export async function runIn(
  cwd: string,
  program: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Output> {
  const env = { ...withoutNpm(process.env), ...more }
  try {
    return await execute(program, args, { cwd, env, maxBuffer: OUTPUT_BYTES_MAX })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<Output>
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}
