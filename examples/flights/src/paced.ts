import { setTimeout as sleep } from 'node:timers/promises'
import type { Source, SourceReader } from '@millrace/core'

/** How long a reader waits when no row is due, so that nothing spins. */
const PAUSE_MS = 20

/**
 * A source that gives its rows evenly over some time, where `source` would give them at once.
 * Takes one source of one partition with `rowCount` rows.
 */
export function paced<Row>(source: Source<Row>, rowCount: number, lengthMs: number): Source<Row> {
  return {
    ...source,
    open: async (partition, position) =>
      pacedReader(await source.open(partition, position), rowCount / lengthMs),
  }
}

function pacedReader(reader: SourceReader, rowsPerMs: number): SourceReader {
  const startedAt = performance.now()
  let given = 0
  return {
    async read(recordsMax) {
      await sleep(PAUSE_MS)
      const due = Math.floor((performance.now() - startedAt) * rowsPerMs) - given
      const chunk = await reader.read(Math.max(0, Math.min(due, recordsMax)))
      given += chunk.records.length
      return chunk
    },
    close: () => reader.close(),
  }
}
