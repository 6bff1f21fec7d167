/**
 * The files of a source: one, or those of a folder, on the local disk or in an object store.
 *
 * They are listed once, when the source is declared, in the order of their names; hidden ones (a
 * part of the name begins with a dot or an underscore) and those with another extension are passed
 * over, so a folder that a files sink is writing gives committed files only.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError, type ObjectStore } from '@millrace/core'

/** A file or folder on the local disk, or the objects of a store whose names begin so. */
export type FilesPlace = string | URL | { readonly store: ObjectStore; readonly prefix?: string }

export interface FileSet {
  /** For errors and plans. */
  readonly name: string
  readonly names: readonly string[]
  /** @throws SOURCE_FAILED */
  open(name: string): Promise<OpenedFile>
}

export interface OpenedFile {
  readonly size: number
  /** Exactly these bytes. @throws SOURCE_FAILED */
  read(start: number, end: number): Promise<Buffer>
  close(): Promise<void>
}

/** @throws SOURCE_FAILED when there is nothing at the place. */
export async function filesAt(place: FilesPlace, extensions: readonly string[]): Promise<FileSet> {
  const isWanted = (name: string): boolean =>
    !/(^|\/)[._]/.test(name) && extensions.some(extension => name.endsWith(`.${extension}`))
  if (typeof place === 'string' || place instanceof URL) {
    return localFiles(place instanceof URL ? fileURLToPath(place) : place, isWanted)
  }
  const { store, prefix = '' } = place
  const names: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.list(prefix, after === undefined ? {} : { after })
    names.push(...page.filter(isWanted))
    after = page.at(-1)
    if (after === undefined) break
  }
  return { name: `${store.name}/${prefix}`, names, open: name => storedFile(store, name) }
}

/** What is done with a file; when it fails, the file is closed. */
export async function orClosed<T>(file: OpenedFile, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    await file.close()
    throw error
  }
}

export function sourceFailed(text: string, cause?: unknown): MillraceError {
  return new MillraceError('SOURCE_FAILED', text, { cause })
}

async function localFiles(path: string, isWanted: (name: string) => boolean): Promise<FileSet> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return { name: path, names: [path], open: localFile }
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const names = entries
      .filter(entry => entry.isFile())
      .map(entry => relative(path, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    return {
      name: path,
      names: names.filter(isWanted).sort(),
      open: name => localFile(join(path, name)),
    }
  } catch (error) {
    throw sourceFailed(`cannot read ${path}: ${String(error)}. Check the path.`, error)
  }
}

async function localFile(path: string): Promise<OpenedFile> {
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    throw sourceFailed(`cannot open ${path}: ${String(error)}. Check the path.`, error)
  }
  const { size } = await handle.stat()
  return {
    size,
    read: async (start, end) => {
      const bytes = Buffer.allocUnsafeSlow(end - start)
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at)
        if (bytesRead === 0) throw sourceFailed(`${path} has become shorter while it was read.`)
        at += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

async function storedFile(store: ObjectStore, name: string): Promise<OpenedFile> {
  const size = await store.size(name)
  if (size === null) throw sourceFailed(`${name} has gone from ${store.name}.`)
  return {
    size,
    read: async (start, end) => {
      const bytes = await store.get(name, start, end)
      if (bytes?.length !== end - start)
        throw sourceFailed(`${name} has changed while it was read.`)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    close: () => Promise.resolve(),
  }
}
