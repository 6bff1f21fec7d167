import { MillraceError } from '../errors.ts'
import {
  checkObjectName,
  checkObjectPrefix,
  checkRange,
  type ListPage,
  listLimit,
  type ObjectStore,
} from './object-store.ts'

/** Objects in memory, for tests: gone with the process. */
export function memoryStore(): ObjectStore {
  return new MemoryStore()
}

class MemoryStore implements ObjectStore {
  readonly name = 'memory'
  readonly #objects = new Map<string, Uint8Array>()

  async put(name: string, bytes: Uint8Array): Promise<void> {
    checkObjectName(name)
    this.#objects.set(name, Uint8Array.from(bytes))
  }

  async size(name: string): Promise<number | null> {
    checkObjectName(name)
    return this.#objects.get(name)?.length ?? null
  }

  async get(name: string, start: number, end: number): Promise<Uint8Array | null> {
    checkObjectName(name)
    checkRange(start, end)
    return this.#objects.get(name)?.slice(start, end) ?? null
  }

  async rename(from: string, to: string): Promise<void> {
    checkObjectName(from)
    checkObjectName(to)
    const bytes = this.#objects.get(from)
    if (bytes === undefined) {
      throw new MillraceError('OBJECT_MISSING', `there is no object ${from} in ${this.name}.`)
    }
    this.#objects.delete(from)
    this.#objects.set(to, bytes)
  }

  async list(prefix: string, page: ListPage = {}): Promise<string[]> {
    checkObjectPrefix(prefix)
    const { after = '' } = page
    const names = [...this.#objects.keys()].filter(n => n.startsWith(prefix) && n > after)
    return names.sort().slice(0, listLimit(page))
  }

  async remove(name: string): Promise<void> {
    checkObjectName(name)
    this.#objects.delete(name)
  }

  async sweep(prefix: string): Promise<void> {
    checkObjectPrefix(prefix)
  }
}
