/** How a topic is created when it does not exist at run. */
export interface TopicCreation {
  readonly partitions: number
  /** Default -1: the broker's own default. */
  readonly replicationFactor?: number
  readonly config?: Readonly<Record<string, string>>
}
