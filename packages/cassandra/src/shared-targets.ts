import type { SinkContext } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import type { Connection } from './connection.ts'
import type { RowTargets } from './row-target.ts'
import type { TargetAccess } from './task-sink.ts'

export type OpenTargets = (client: Client, context: SinkContext) => Promise<RowTargets>

/** The same targets for all tasks that write the rows of one step. */
export class SharedTargets implements TargetAccess {
  readonly #connection: Connection
  readonly #open: OpenTargets
  readonly #known = new Map<string, Promise<RowTargets>>()
  #users = 0

  constructor(connection: Connection, open: OpenTargets) {
    this.#connection = connection
    this.#open = open
  }

  async open(context: SinkContext): Promise<RowTargets> {
    const client = this.#connection.acquire()
    this.#users++
    try {
      return await this.#targets(client, context)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    if (--this.#users === 0) this.#known.clear()
    await this.#connection.release()
  }

  /** A new one where the last one has failed: tasks that have it still are told by it. */
  async #targets(client: Client, context: SinkContext): Promise<RowTargets> {
    const id = `${context.step} ${context.schema}`
    const known = this.#known.get(id)
    if (known !== undefined) {
      const opened = await known
      if (opened.targets.every(({ failure }) => failure === null)) return opened
      if (this.#known.get(id) === known) this.#known.delete(id)
      return this.#targets(client, context)
    }
    const opening = this.#open(client, context)
    this.#known.set(id, opening)
    opening.catch(() => this.#known.delete(id))
    return opening
  }
}
