/**
 * What memory and the space have of a bucket, put together by key, a page at a time.
 *
 * Nothing of a page is looked at before the page is asked for, so that an epoch may end between two
 * of them.
 */
import { readStateKey } from '../record/format/state-key.ts'
import type { StateEntry } from './state-backend.ts'

export interface Merged {
  readonly key: string
  /** What the space has; memory is right where both have an entry. */
  readonly stored: StateEntry | undefined
}

/**
 * @param inMemory keys, sorted
 * @param pages of the space, sorted by key
 */
export async function* mergedPages(
  inMemory: readonly string[],
  pages: AsyncIterable<readonly StateEntry[]>,
  size: number,
): AsyncGenerator<Merged[]> {
  let at = 0
  const before = (until: string | undefined): Merged[] => {
    const page: Merged[] = []
    for (; page.length < size; at++) {
      const key = inMemory[at]
      if (key === undefined || (until !== undefined && key >= until)) break
      page.push({ key, stored: undefined })
    }
    return page
  }
  for await (const entries of pages) {
    let page: Merged[] = []
    for (const stored of entries) {
      const key = groupKeyOf(stored)
      for (let more = before(key); more.length > 0; more = before(key)) {
        page.push(...more)
        if (page.length < size) continue
        yield page
        page = []
      }
      if (inMemory[at] === key) at++
      page.push({ key, stored })
    }
    if (page.length > 0) yield page
  }
  for (let page = before(undefined); page.length > 0; page = before(undefined)) yield page
}

export function groupKeyOf({ key }: StateEntry): string {
  return readStateKey(key).groupKey.toString('latin1')
}
