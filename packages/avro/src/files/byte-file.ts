/** A file that is read by ranges of bytes: of the local disk, or an object of a store. */
import { type FileHandle, open } from 'node:fs/promises'
import { MillraceError, type ObjectStore } from '@millrace/core'

export interface ByteFile {
  /** For messages. */
  readonly name: string
  readonly size: number
  /** Bytes from `start` to `end` (not in), fewer where the file ends before. */
  read(start: number, end: number): Promise<Buffer>
  /** Idempotent. */
  close(): Promise<void>
}

/** @throws SOURCE_FAILED */
export async function openLocalFile(path: string): Promise<ByteFile> {
  const handle = await open(path).catch((error: unknown) => {
    throw sourceFailed(`cannot open ${path}: ${String(error)}. Check the path.`, error)
  })
  const { size } = await handle.stat()
  let isOpen = true
  return {
    name: path,
    size,
    read: (start, end) => readAll(handle, start, Math.min(end, size)),
    close: async () => {
      if (isOpen) await handle.close()
      isOpen = false
    },
  }
}

async function readAll(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, end - start))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** @throws SOURCE_FAILED, OBJECT_STORE_FAILED */
export async function openObject(store: ObjectStore, name: string): Promise<ByteFile> {
  const size = await store.size(name)
  const gone = () =>
    sourceFailed(`${name} is not in ${store.name} any more. Files must stay while they are read.`)
  if (size === null) throw gone()
  return {
    name: `${name} of ${store.name}`,
    size,
    read: async (start, end) => {
      const bytes = await store.get(name, Math.min(start, size), Math.min(end, size))
      if (bytes === null) throw gone()
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    close: () => Promise.resolve(),
  }
}

export function sourceFailed(text: string, cause?: unknown): MillraceError {
  return new MillraceError('SOURCE_FAILED', text, cause === undefined ? {} : { cause })
}
