/**
 * The processes that a command starts, and its folder. Whatever happens, they end: by `close`, or
 * by a watchdog that sees this process end.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export class Children {
  /** For state and whatever else processes write; gone at the end. */
  readonly folder: string
  readonly #running = new Set<ChildProcess>()
  readonly #watchdog: ChildProcess

  /** @param lifetimeMs after so long everything is ended in any case. */
  constructor(lifetimeMs: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'millrace-verify-'))
    const program = programAt('./watchdog.js')
    this.#watchdog = spawn(process.execPath, [program, `${lifetimeMs}`], {
      // Ctrl-C at the terminal is for us.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#watchdog.stdin?.on('error', () => {})
    this.#watchdog.unref()
    this.#say(`folder ${this.folder}`)
  }

  /** Starts a program of this package with a channel for messages; its output is ours. */
  start(program: string): ChildProcess {
    const child = fork(programAt(program), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      execArgv: [],
      detached: true,
    })
    this.#running.add(child)
    this.#say(`+ ${child.pid}`)
    child.once('exit', () => {
      this.#running.delete(child)
      this.#say(`- ${child.pid}`)
    })
    return child
  }

  async close(): Promise<void> {
    const ended = [...this.#running].map(
      child => new Promise<void>(resolve => child.once('exit', () => resolve())),
    )
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(ended)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
    this.#say('done')
    this.#watchdog.stdin?.end()
  }

  #say(line: string): void {
    this.#watchdog.stdin?.write(`${line}\n`)
  }
}

function programAt(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
