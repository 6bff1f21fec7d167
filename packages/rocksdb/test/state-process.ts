/**
 * Another process with state in a folder, driven by messages; it runs `state-process.child.mjs`.
 *
 * The child is killed at the end of the test, if it still lives.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

interface Limits {
  /** No file of the process grows beyond; a multiple of 512. */
  readonly fileBytesMax?: number
}

const SCRIPT = fileURLToPath(new URL('./state-process.child.mjs', import.meta.url))

export class StateProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  /** Resolves when the process can be called. */
  static async start({ fileBytesMax }: Limits = {}): Promise<StateProcess> {
    const limit = fileBytesMax === undefined ? 'unlimited' : String(fileBytesMax / 512)
    // A shell that becomes the process: limits can be set by a shell only.
    const child = spawn(
      '/bin/sh',
      ['-c', `ulimit -f ${limit}; exec "$0" "$1"`, process.execPath, SCRIPT],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    const started = new StateProcess(child)
    await started.hear()
    return started
  }

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    onTestFinished(() => this.kill())
  }

  /** What the call gives; rejects with the text of what it throws, or when the child is gone. */
  async call(name: string, ...given: unknown[]): Promise<unknown> {
    this.send(name, ...given)
    const { value, error } = (await this.hear()) as { value?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return value
  }

  send(name: string, ...given: unknown[]): void {
    this.#child.send([name, ...given])
  }

  /** The next message of the child. */
  async hear(): Promise<unknown> {
    const gone = this.#exited.then(() => Promise.reject(new Error('the process has ended')))
    const [message] = await Promise.race([once(this.#child, 'message'), gone])
    return message
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}
