/**
 * State in RocksDB for the processes of one run, one after the other, in folders that are gone at
 * its end.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateBackend, StateBackendFactory } from '@millrace/core'
import { rocksdb } from '@millrace/rocksdb'

export class DiskState {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
  readonly #opened: StateBackend[] = []
  #life = 0

  /** What the process that lives now has as its state. */
  factory(): StateBackendFactory {
    const { create } = rocksdb(this.#current)
    return {
      create: async context => {
        const backend = await create(context)
        this.#opened.push(backend)
        return backend
      },
    }
  }

  /** The process was killed: the next one finds the files as they are at this moment. */
  crash(): void {
    const before = this.#current
    this.#life++
    cpSync(before, this.#current, { recursive: true })
  }

  /** A process that was killed has closed nothing. */
  async close(): Promise<void> {
    for (const backend of this.#opened) await backend.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #current(): string {
    return join(this.#folder, `${this.#life}`)
  }
}
