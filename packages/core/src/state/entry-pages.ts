import { WrittenEntry } from './entry-writer.ts'
import type { StateEntry, StateSpace } from './state-backend.ts'

/**
 * Perf: what is copied of an epoch at a time, on its way to the changelog and to the space. Copied
 * as a whole, an epoch of 8 MB took a process of 128 MiB `stateBytesMax` 70 MB more, which its
 * allocators kept (benchmarks, `state-memory`).
 */
const PAGE_BYTES = 512 * 1024

/** Entries in their order, in parts of about `bytesMax`; an entry is never cut. */
export function* entryPages(
  entries: Iterable<StateEntry>,
  bytesMax: number = PAGE_BYTES,
): Generator<readonly StateEntry[]> {
  let page: StateEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    page.push(entry)
    bytes += bytesOf(entry)
    if (bytes < bytesMax) continue
    yield page
    page = []
    bytes = 0
  }
  if (page.length > 0) yield page
}

/**
 * Writes entries in their order, a part at a time: a crash may leave a beginning of them. What says
 * that all of them are there comes last.
 */
export async function writeInPages(
  space: StateSpace,
  entries: Iterable<StateEntry>,
): Promise<void> {
  for (const page of entryPages(entries)) await space.write(page)
}

function bytesOf(entry: StateEntry): number {
  return entry instanceof WrittenEntry ? entry.bytes : entry.key.length + (entry.value?.length ?? 0)
}
