/** Why a partition cannot be read any more: the same words whoever reads it. */
import { MillraceError, type TopicPartition } from '@millrace/core'

/** What to say when retention has overtaken the reader. */
export type Overtaken = (
  partition: TopicPartition,
  position: number,
  earliest: number,
) => MillraceError

export function offsetOutOfRange(
  { topic, partition }: TopicPartition,
  position: number,
  earliest: number,
  latest: number,
): MillraceError {
  return new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    `the partition holds offsets ${earliest} to ${latest}. Records may have been deleted by ` +
      'retention before they were read; start from an offset that is there.',
    { topic, partition, offset: position },
  )
}

export function missingTopic({ topic, partition }: TopicPartition, count: number): MillraceError {
  const found = count === 0 ? 'there is no such topic' : `it has ${count} partitions`
  return new MillraceError(
    'TOPIC_MISSING',
    `partition ${partition} of topic ${JSON.stringify(topic)} cannot be read: ${found}. ` +
      'It may have been deleted meanwhile. Create it, or correct the name.',
    { topic, partition },
  )
}

export function replacedTopic({ topic, partition }: TopicPartition): MillraceError {
  return new MillraceError(
    'TOPIC_MISSING',
    `topic ${JSON.stringify(topic)} was deleted and made anew while it was read; the offsets of ` +
      'the old one say nothing about the new one. Start again, under a new application id.',
    { topic, partition },
  )
}
