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
  entries: readonly StateEntry[],
  bytesMax: number = PAGE_BYTES,
): Generator<readonly StateEntry[]> {
  let from = 0
  let bytes = 0
  for (const [i, entry] of entries.entries()) {
    bytes += bytesOf(entry)
    if (bytes < bytesMax) continue
    yield entries.slice(from, i + 1)
    from = i + 1
    bytes = 0
  }
  if (from < entries.length) yield entries.slice(from)
}

/**
 * Writes entries in their order, a part at a time: a crash may leave a beginning of them. What says
 * that all of them are there comes last.
 */
export async function writeInPages(
  space: StateSpace,
  entries: readonly StateEntry[],
): Promise<void> {
  for (const page of entryPages(entries)) await space.write(page)
}

function bytesOf(entry: StateEntry): number {
  return entry instanceof WrittenEntry ? entry.bytes : entry.key.length + (entry.value?.length ?? 0)
}
