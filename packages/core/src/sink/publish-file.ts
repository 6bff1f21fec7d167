import { MillraceError } from '../errors.ts'
import type { ObjectStore } from '../object-store/object-store.ts'

export interface FileToPublish {
  readonly staged: string
  readonly visible: string
  /** It can't have been published before. */
  readonly isNew: boolean
}

const COMPARE_BYTES = 1024 * 1024

/**
 * Gives a staged file its visible name; again and again with the same outcome. A visible file of
 * other content is never replaced.
 * @throws SINK_FAILED
 */
export async function publishFile(store: ObjectStore, file: FileToPublish): Promise<void> {
  const { staged, visible, isNew } = file
  const size = await store.size(staged)
  const sizeVisible = await store.size(visible)
  if (size === null) {
    if (!isNew || sizeVisible !== null) return
    throw failed(`${staged} has gone from ${store.name} before it was made visible`)
  }
  if (sizeVisible === null) return store.rename(staged, visible)
  if (size !== sizeVisible || !(await areEqual(store, staged, visible, size))) {
    throw failed(`${visible} is in ${store.name} already, with other rows`)
  }
  await store.remove(staged)
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

function failed(what: string): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `${what}. Do two sinks or applications write with one prefix? Give each its own.`,
  )
}
