/**
 * Objects as files of a folder.
 *
 * `put` writes a hidden file beside the final one (`.NAME.RANDOM~`), has the disk keep it (fsync)
 * and renames it; the folder's own entry is kept too. So a crash leaves a whole file or none under
 * a final name, and at most a hidden one, which `sweep` removes. A name of an object never has a
 * `~`, so the two can't be mistaken. Other files in the folder are neither seen nor touched.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '../errors.ts'
import { codeOf, storeError } from './folder-error.ts'
import {
  checkObjectName,
  checkObjectPrefix,
  checkRange,
  isObjectName,
  type ListPage,
  listLimit,
  type ObjectStore,
} from './object-store.ts'

/** A file that `put` has not finished: `.NAME.RANDOM~`. */
const UNFINISHED = /^\.(.+)\.[0-9a-f]{12}~$/

/**
 * A folder on a local disk as an object store; made when the first object is put.
 *
 * @example
 * frame.sink(filesSink(localFolder('out'), { format: csv() }))
 */
export function localFolder(path: string | URL): ObjectStore {
  return new LocalFolder(resolve(path instanceof URL ? fileURLToPath(path) : path))
}

class LocalFolder implements ObjectStore {
  readonly name: string
  readonly #root: string

  constructor(root: string) {
    this.name = root
    this.#root = root
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#doing(`write ${name}`, async () => {
      const path = this.#pathOf(name)
      const slash = path.lastIndexOf('/') + 1
      const random = randomBytes(6).toString('hex')
      const unfinished = `${path.slice(0, slash)}.${path.slice(slash)}.${random}~`
      await this.#makeFolder(dirname(path))
      try {
        await writeDurably(unfinished, bytes)
        await rename(unfinished, path)
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {})
        throw error
      }
      await keepEntries(dirname(path))
    })
  }

  size(name: string): Promise<number | null> {
    return this.#doing(`look at ${name}`, async () => {
      const stats = await missingAsNull(stat(this.#pathOf(name)))
      return stats?.isFile() ? stats.size : null
    })
  }

  get(name: string, start: number, end: number): Promise<Uint8Array | null> {
    return this.#doing(`read ${name}`, async () => {
      const path = this.#pathOf(name)
      checkRange(start, end)
      const file = await missingAsNull(open(path))
      if (file === null) return null
      try {
        const stats = await file.stat()
        if (!stats.isFile()) return null
        return await readRange(file, start, Math.min(end, stats.size))
      } finally {
        await file.close()
      }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#doing(`rename ${from}`, async () => {
      const source = this.#pathOf(from)
      const target = this.#pathOf(to)
      if ((await this.size(from)) === null) {
        throw missing(from, this.name)
      }
      await this.#makeFolder(dirname(target))
      if ((await missingAsNull(rename(source, target).then(() => true))) === null) {
        throw missing(from, this.name)
      }
      await keepEntries(dirname(target))
      if (dirname(source) !== dirname(target)) await keepEntries(dirname(source))
    })
  }

  list(prefix: string, page: ListPage = {}): Promise<string[]> {
    return this.#doing('list names', async () => {
      checkObjectPrefix(prefix)
      const limit = listLimit(page)
      const names: string[] = []
      for await (const name of this.#files(prefix, page.after ?? '')) {
        if (!isObjectName(name) || name <= (page.after ?? '')) continue
        names.push(name)
        if (names.length === limit) break
      }
      return names
    })
  }

  remove(name: string): Promise<void> {
    return this.#doing(`remove ${name}`, async () => {
      const path = this.#pathOf(name)
      if ((await this.size(name)) === null) return
      await rm(path, { force: true })
      await keepEntries(dirname(path))
    })
  }

  sweep(prefix: string, before?: string): Promise<void> {
    return this.#doing('remove leftovers', async () => {
      checkObjectPrefix(prefix)
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      for await (const name of this.#files(folder, '')) {
        const slash = name.lastIndexOf('/') + 1
        const [, part] = UNFINISHED.exec(name.slice(slash)) ?? []
        if (part === undefined) continue
        const target = `${name.slice(0, slash)}${part}`
        if (!target.startsWith(prefix) || (before !== undefined && target >= before)) continue
        await rm(join(this.#root, name), { force: true })
      }
    })
  }

  /** Files with a prefix, ascending, hidden ones too; folders all before `after` are left out. */
  async *#files(prefix: string, after: string): AsyncGenerator<string> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    const entries =
      (await missingAsNull(readdir(join(this.#root, folder), { withFileTypes: true }))) ?? []
    // A folder stands where the names in it stand: its slash counts.
    const names = entries.flatMap(entry => {
      if (entry.isDirectory()) return `${folder}${entry.name}/`
      return entry.isFile() ? `${folder}${entry.name}` : []
    })
    for (const name of names.sort()) {
      if (!name.endsWith('/')) {
        if (name.startsWith(prefix)) yield name
      } else if (name.startsWith(prefix) && (name > after || after.startsWith(name))) {
        yield* this.#files(name, after)
      }
    }
  }

  #pathOf(name: string): string {
    checkObjectName(name)
    return `${this.#root}/${name}`
  }

  async #makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true })
    if (first === undefined) return
    // The new folders must be there after a crash as what is put into them.
    for (let made = folder; made.length >= first.length; made = dirname(made)) {
      await keepEntries(dirname(made))
    }
  }

  async #doing<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw storeError(error, what, this.#root)
    }
  }
}

function missing(name: string, folder: string): MillraceError {
  return new MillraceError('OBJECT_MISSING', `there is no object ${name} in ${folder}.`)
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (let at = 0; at < bytes.length; ) {
      at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Has the disk keep the entries of a folder; Windows has no such call and does it by itself. */
async function keepEntries(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, end - start))
  let size = 0
  while (size < bytes.length) {
    const { bytesRead } = await file.read(bytes, size, bytes.length - size, start + size)
    if (bytesRead === 0) break
    size += bytesRead
  }
  return bytes.subarray(0, size)
}

/** Null for what is not there; a file where a folder would be needed holds nothing either. */
async function missingAsNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}
