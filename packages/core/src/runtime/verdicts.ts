/**
 * The errors that stop a run where what was kept and what is found disagree; each names its
 * choices (`verdict-choices.ts`). Which one it is, `task-start.ts` says.
 */
import { MillraceError } from '../errors.ts'
import type { LocalInput } from '../operator/pipeline.ts'
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

/** Where a source outside Kafka went on is not known any more. */
export function positionLost(source: TopicPartition, name: string, isCut: boolean): MillraceError {
  const text = isCut ? 'its first records were deleted' : 'it is empty'
  return new MillraceError(
    'STATE_LOST',
    `${name} was read before, and the topic that says how far can't be trusted: ${text}. Was it ` +
      'deleted or trimmed? Restore the topic. Or read the source from its beginning with empty ' +
      `state: ${optionText('STATE_LOST', 'replay')}.`,
    source,
  )
}

/** @param names of the source at the last commit and now. */
export function sourceChanged(
  source: TopicPartition,
  resume: string,
  [before, now]: readonly [before: string, now: string],
): MillraceError {
  return new MillraceError(
    'SOURCE_CHANGED',
    `what is resumed as ${JSON.stringify(resume)} was "${before}" at the last commit, and is ` +
      `"${now}" now. Go back. Or read the new one from its beginning under another name: ` +
      'dataframe(source, { resume: … }). Or, where it is the same data in another place, go on: ' +
      `${optionText('SOURCE_CHANGED', 'keep')}.`,
    source,
  )
}

/** A source outside Kafka is in other pieces than before. */
export function sourceDivided(
  { source, resume }: LocalInput,
  before: number,
  now: number,
): MillraceError {
  return new MillraceError(
    'SOURCE_CHANGED',
    `${source.name}, resumed as ${JSON.stringify(resume)}, had ${before} partitions at the last ` +
      `commit and has ${now} now, so it is not known what of them was read. ` +
      `Go back to ${before}. Or read it from its beginning under another name: ` +
      'dataframe(source, { resume: … }).',
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
