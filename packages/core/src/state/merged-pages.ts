/**
 * What memory and the space have of a bucket, put together by key, a page at a time.
 *
 * Memory is right where both have an entry. Nothing of a page is looked at before the page is asked
 * for, so that an epoch may end between two of them.
 */
import { readStateKey } from '../record/format/state-key.ts'
import type { Entry } from './buckets.ts'
import type { StateEntry } from './state-backend.ts'

export interface Merged<V> {
  readonly key: string
  /** What memory has. */
  readonly entry: Entry<V> | undefined
  /** What the space has. */
  readonly stored: StateEntry | undefined
}

/**
 * @param inMemory sorted by key
 * @param pages of the space, sorted by key
 */
export async function* mergedPages<V>(
  inMemory: readonly Entry<V>[],
  pages: AsyncIterable<readonly StateEntry[]>,
  size: number,
): AsyncGenerator<Merged<V>[]> {
  let at = 0
  const before = (key: string | undefined): Merged<V>[] => {
    const page: Merged<V>[] = []
    for (; page.length < size; at++) {
      const entry = inMemory[at]
      if (entry === undefined || (key !== undefined && entry.key >= key)) break
      page.push({ key: entry.key, entry, stored: undefined })
    }
    return page
  }
  for await (const entries of pages) {
    let page: Merged<V>[] = []
    for (const stored of entries) {
      const key = groupKeyOf(stored)
      for (let more = before(key); more.length > 0; more = before(key)) {
        page.push(...more)
        if (page.length < size) continue
        yield page
        page = []
      }
      const entry = inMemory[at]?.key === key ? inMemory[at++] : undefined
      page.push({ key, entry, stored })
    }
    if (page.length > 0) yield page
  }
  for (let page = before(undefined); page.length > 0; page = before(undefined)) yield page
}

export function groupKeyOf({ key }: StateEntry): string {
  return readStateKey(key).groupKey.toString('latin1')
}
