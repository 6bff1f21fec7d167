/**
 * The second phase of a files sink for one file: it gets its visible name.
 *
 * May be done again at any time, by anybody who has the receipt, also by two at once. A visible
 * file is never replaced by other rows; a staged one that has gone is missed where it can be told.
 */
import { createHash } from 'node:crypto'
import { MillraceError } from '../errors.ts'
import type { ObjectStore } from '../object-store/object-store.ts'

export interface FileToPublish {
  readonly staged: string
  readonly visible: string
  /** It can't have been published before. */
  readonly isNew: boolean
  /** Of its bytes, where they were known (`digestOf`). */
  readonly digest?: string | undefined
}

const COMPARE_BYTES = 1024 * 1024
const PIECE_BYTES = 16 * 1024
const PIECES_MAX = 16

/**
 * Gives a staged file its visible name; again and again with the same outcome, also by two at once.
 * A visible file of other content is never replaced. Gives whether there was a staged file.
 * @throws SINK_FAILED
 */
export async function publishFile(store: ObjectStore, file: FileToPublish): Promise<boolean> {
  const { staged, visible, isNew } = file
  const size = await store.size(staged)
  const sizeVisible = await store.size(visible)
  if (size === null) {
    if (sizeVisible !== null) {
      const { digest } = file
      if (digest === undefined || digest === (await storedDigest(store, visible, sizeVisible))) {
        return false
      }
      throw publishFailed(`${visible} is in ${store.name} already, with other rows`)
    }
    if (!isNew) return false
    throw publishFailed(`${staged} has gone from ${store.name} before it was made visible`)
  }
  if (sizeVisible === null) {
    try {
      await store.rename(staged, visible)
      return true
    } catch (error) {
      if (!MillraceError.is(error) || error.code !== 'OBJECT_MISSING') throw error
      // Another one has done it since we looked.
      return publishFile(store, file)
    }
  }
  if (size !== sizeVisible || !(await areEqual(store, staged, visible, size))) {
    if ((await store.size(staged)) === null) return publishFile(store, file)
    throw publishFailed(`${visible} is in ${store.name} already, with other rows`)
  }
  await store.remove(staged)
  return true
}

/**
 * Tells files of one name apart: the size, and SHA-256 of the first and the last bytes and of
 * pieces between them. Two writers of one file read one log, so they differ in where they begin and
 * end, or in how many rows they have; what differs only between the pieces is not told. To hash all
 * bytes would take longer than writing them.
 */
export function digestOf(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  for (const at of piecesOf(bytes.length)) hash.update(bytes.subarray(at, at + PIECE_BYTES))
  return `${bytes.length} ${hash.digest('hex')}`
}

async function storedDigest(store: ObjectStore, name: string, size: number): Promise<string> {
  const hash = createHash('sha256')
  for (const at of piecesOf(size)) {
    hash.update((await store.get(name, at, Math.min(at + PIECE_BYTES, size))) ?? new Uint8Array(0))
  }
  return `${size} ${hash.digest('hex')}`
}

/** Where pieces begin; they cover small files whole. */
function piecesOf(size: number): number[] {
  const last = Math.max(0, size - PIECE_BYTES)
  const count = Math.min(PIECES_MAX, Math.ceil(size / PIECE_BYTES))
  return Array.from({ length: count }, (_, i) => Math.round((last * i) / Math.max(1, count - 1)))
}

async function areEqual(
  store: ObjectStore,
  left: string,
  right: string,
  size: number,
): Promise<boolean> {
  for (let at = 0; at < size; at += COMPARE_BYTES) {
    const parts = await Promise.all(
      [left, right].map(name => store.get(name, at, at + COMPARE_BYTES)),
    )
    const [a, b] = parts
    if (!a || !b || Buffer.compare(a, b) !== 0) return false
  }
  return true
}

export function publishFailed(what: string): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `${what}. Do two sinks or applications write with one prefix? Give each its own. Are hidden ` +
      'files removed by something else? Leave them alone.',
  )
}
