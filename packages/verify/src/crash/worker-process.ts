/**
 * One worker as the conductor sees it: what it has told, and how it ended. A process that is
 * started again is another one.
 */
import type { ChildProcess } from 'node:child_process'
import type { Children } from '../children.ts'
import type { FaultPoint, FromWorker, TaskPosition, ToWorker } from './messages.ts'
import type { WorkerOrders } from './story.ts'

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const LOG_LINES_MAX = 300

export class WorkerProcess {
  readonly name: string
  readonly orders: WorkerOrders
  /** Since it was started. */
  commits = 0
  /** What it owned at its last commit. */
  tasks: readonly TaskPosition[] = []
  ending: Ending | null = null
  isFreezing = false
  hasRefused = false
  readonly log: string[] = []
  readonly #child: ChildProcess
  readonly #onCommit: (worker: WorkerProcess) => void

  constructor(
    children: Children,
    name: string,
    orders: WorkerOrders,
    onCommit: (worker: WorkerProcess) => void,
  ) {
    this.name = name
    this.orders = orders
    this.#onCommit = onCommit
    const child = children.start('./crash/worker.js')
    this.#child = child
    child.on('message', (message: FromWorker) => this.#hear(message))
    child.on('exit', (code, signal) => {
      this.ending = { code, signal }
    })
    // A message to one that has just died is lost, as it should be.
    child.on('error', () => {})
  }

  get isRunning(): boolean {
    return this.ending === null
  }

  dieAt(at: FaultPoint): void {
    this.#send({ kind: 'die', at })
  }

  freezeAt(at: FaultPoint): void {
    this.isFreezing = false
    this.#send({ kind: 'freeze', at })
  }

  refuse(): void {
    this.hasRefused = false
    this.#send({ kind: 'refuse' })
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#send({ kind: 'run', orders: this.orders })
        break
      case 'committed':
        this.commits++
        this.tasks = message.tasks
        this.#onCommit(this)
        break
      case 'freezing':
        this.isFreezing = true
        break
      case 'refused':
        this.hasRefused = true
        break
      case 'log':
        this.log.push(`${new Date().toISOString()} ${this.name} ${message.level}: ${message.text}`)
        if (this.log.length > LOG_LINES_MAX) this.log.shift()
    }
  }

  #send(message: ToWorker): void {
    this.#child.send(message, () => {})
  }
}
