/**
 * The changelog of a task: one partition with the changed state of every epoch, each epoch ended by
 * its marker, all of it in the epoch's transaction. Formats: docs/formats.md.
 */
import { type EpochMarker, writeEpochMarker } from '../record/format/epoch-marker.ts'
import { MARKER_KEY } from '../record/format/state-key.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { StateEntry } from '../state/state-backend.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { ByteWriter } from '../util/byte-writer.ts'

/** The marker as it is stored, in the changelog and in local state. */
export function markerEntry(marker: EpochMarker): StateEntry {
  const out = new ByteWriter()
  writeEpochMarker(marker, out)
  return { key: MARKER_KEY, value: out.take() }
}

/** Entries of an epoch, the marker last, as records of the task's changelog. */
export function changelogRecords(
  changelog: TopicPartition,
  entries: readonly StateEntry[],
  at: number,
): OutgoingRecords {
  const records = new RawRecordsBuilder()
  for (const { key, value } of entries) records.append(key, value, at)
  const built = records.build()
  const partitions = new Int32Array(built.count).fill(changelog.partition)
  return { ...built, topic: changelog.topic, partitions }
}
