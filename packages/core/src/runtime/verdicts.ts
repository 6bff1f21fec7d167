/** The errors that stop a run where state and the group disagree; each names its choices. */
import { MillraceError } from '../errors.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import { optionText } from './verdict-choices.ts'

/** @param isCut the changelog is there, and its first records were deleted. */
export function stateLost(
  source: TopicPartition,
  offset: number | null,
  isCut: boolean,
): MillraceError {
  const text = isCut
    ? 'the first records of the changelog were deleted, so the state that it gives may lack some ' +
      'values. Was the topic trimmed, or its cleanup.policy changed?'
    : `the group has committed offset ${offset}, and the changelog of the state that belongs to ` +
      'it is empty. Was it deleted?'
  return new MillraceError(
    'STATE_LOST',
    `${text} Restore the topic. Or begin with empty state: at the group's offset, ` +
      `${optionText('STATE_LOST', 'follow')}, or at the earliest record, ` +
      `${optionText('STATE_LOST', 'replay')}.`,
    source,
  )
}

export function offsetsMoved(
  source: TopicPartition,
  offset: number,
  stateEnd: number,
): MillraceError {
  return new MillraceError(
    'OFFSETS_MOVED',
    `the group's offset is ${offset}, and the state ends at ${stateEnd}: something else has ` +
      'moved the offset. To set it back to where the state ends: ' +
      `${optionText('OFFSETS_MOVED', 'keep')}. ` +
      `To go on at ${offset} with empty state: ${optionText('OFFSETS_MOVED', 'follow')}.`,
    source,
  )
}

/** @param counts before and now. @param canClear false: nothing but a new id helps. */
export function partitionsChanged(
  topic: string,
  counts: readonly [before: number, now: number],
  canClear: boolean,
): MillraceError {
  const [before, now] = counts
  const clear = canClear
    ? `Go on with empty state where keys have moved: ${optionText('PARTITIONS_CHANGED', 'clear')}. `
    : ''
  return new MillraceError(
    'PARTITIONS_CHANGED',
    `topic ${JSON.stringify(topic)} had ${before} partitions at the last commit and has ${now} ` +
      `now, so keys have moved between tasks. ${clear}Or start under a new application id to ` +
      'begin again from the earliest record.',
    { topic },
  )
}
