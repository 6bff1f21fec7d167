/** The sender or the receiver, seen from the process that measures. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Begin, LoadJob, LoadSaid } from './messages.ts'

type Kind = LoadSaid['kind']
type Said<K extends Kind> = Extract<LoadSaid, { readonly kind: K }>

export class LoadProcess {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #said = new Map<Kind, LoadSaid>()
  #onSaid = (): void => {}

  /** @param hear everything it tells, as it does. */
  constructor(name: 'sender' | 'receiver', job: LoadJob, hear: (said: LoadSaid) => void) {
    this.#name = name
    const program = new URL(`./${name}.js`, import.meta.url)
    this.#child = fork(program, [JSON.stringify(job)])
    this.#child.on('message', (said: LoadSaid) => {
      this.#said.set(said.kind, said)
      hear(said)
      this.#onSaid()
    })
    this.#child.on('exit', () => this.#onSaid())
  }

  begin(begin: Begin): void {
    this.#child.send(begin)
  }

  /** What it tells of this kind, or has told. */
  async heard<K extends Kind>(kind: K, withinMs: number): Promise<Said<K>> {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      this.#onSaid()
    }, withinMs)
    try {
      return await this.#until(kind, () => isOver)
    } finally {
      clearTimeout(timer)
    }
  }

  async #until<K extends Kind>(kind: K, isOver: () => boolean): Promise<Said<K>> {
    for (;;) {
      const said = this.#said.get(kind)
      if (said !== undefined) return said as Said<K>
      if (this.#hasEnded) throw new Error(`the ${this.#name} has ended, before it said "${kind}"`)
      if (isOver()) throw new Error(`the ${this.#name} did not say "${kind}" in time`)
      await new Promise<void>(resolve => {
        this.#onSaid = resolve
      })
    }
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
