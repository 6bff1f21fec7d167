/**
 * A program of a system in mode `serve`: it goes on until its standard input ends. What it tells on
 * standard output, line by line, goes to who started it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from './systems.ts'

/** A program that has not ended by then is killed. */
const END_MS_MAX = 20_000
/** Of what it says on standard error, the end is kept. */
const STDERR_MAX = 4_000

export class ServedRun {
  readonly #child: ChildProcess
  #errors = ''

  /** @param hear each line that is an object in JSON. */
  constructor({ program, args }: Command, hear: (said: object) => void = () => {}) {
    const env = { ...process.env, MILLRACE_LOG: 'error' }
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.#child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      this.#errors = (this.#errors + more).slice(-STDERR_MAX)
    })
    const lines = this.#child.stdout
    if (lines !== null) createInterface({ input: lines }).on('line', line => tell(line, hear))
    // Of a program that has ended before its input did.
    this.#child.stdin?.on('error', () => {})
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Null while it runs; else why it does not. */
  get failure(): string | null {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null) return null
    return `it ended with ${exitCode ?? signalCode}:\n${this.#errors}`
  }

  async end(): Promise<void> {
    if (this.failure !== null) return
    const exited = once(this.#child, 'exit')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX)
    this.#child.stdin?.end()
    await exited
    clearTimeout(timer)
  }
}

/** Lines of logs are left out. */
function tell(line: string, hear: (said: object) => void): void {
  if (!line.startsWith('{')) return
  try {
    hear(JSON.parse(line))
  } catch {}
}
