/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Text that names a partition in maps, logs and errors: `topic/3`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
