/**
 * Partition counts that changed since the last commit, or while a run goes on.
 *
 * A record's key names its partition, so more partitions move keys between tasks. Records without
 * state and regrouping may go on. Windows directly on the topic can't: their state is in the wrong
 * task. What is behind a regrouping may, once the user has said so: the internal topic keeps its
 * own count, so no key has moved there.
 */
import { MillraceError } from '../errors.ts'
import type { SubTopology } from '../operator/pipeline.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import { optionText, type VerdictChoices } from './verdict-choices.ts'
import { partitionsChanged } from './verdicts.ts'

interface TopicCount {
  readonly topic: string
  readonly partitionCount: number
}

/**
 * True when counts have changed and the task goes on all the same.
 * @throws PARTITIONS_CHANGED when nothing was chosen, or nothing can be.
 */
export function checkPartitionCounts(
  part: SubTopology,
  before: readonly TopicCount[],
  now: ReadonlyMap<string, number>,
  choices: VerdictChoices,
): boolean {
  if (!dependsOnCount(part)) return false
  const changed = before.find(({ topic, partitionCount }) => {
    const count = now.get(topic)
    return count !== undefined && count !== partitionCount
  })
  if (changed === undefined) return false
  const { topic, partitionCount } = changed
  const count = now.get(topic) as number
  const canClear = count > partitionCount
  if (!canClear || choices.PARTITIONS_CHANGED !== 'clear') {
    throw partitionsChanged(topic, [partitionCount, count], canClear)
  }
  return true
}

/** A partition that was added while the run goes on. */
export function checkPartition(
  part: SubTopology,
  { topic, partition }: TopicPartition,
  planned: ReadonlyMap<string, number>,
): void {
  const count = planned.get(topic)
  if (count === undefined || partition < count || !dependsOnCount(part)) return
  throw new MillraceError(
    'PARTITIONS_CHANGED',
    `topic ${JSON.stringify(topic)} had ${count} partitions when this run began and has more ` +
      'now, so keys have moved between tasks. Start again to go on with empty state where keys ' +
      `have moved: ${optionText('PARTITIONS_CHANGED', 'clear')}. Or start under a new ` +
      'application id to begin again from the earliest record.',
    { topic, partition },
  )
}

function dependsOnCount(part: SubTopology): boolean {
  return part.stores.length > 0 || part.repartitions.length > 0
}
