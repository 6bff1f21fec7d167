/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Text that names a partition in maps, logs and errors: `topic/3`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

/** True when a partition is one of these; null is none of any. */
export function isAmong(
  partitions: readonly TopicPartition[],
  source: TopicPartition | null,
): boolean {
  return partitions.some(
    ({ topic, partition }) => topic === source?.topic && partition === source.partition,
  )
}
