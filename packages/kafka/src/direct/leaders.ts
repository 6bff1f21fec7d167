/** What writing needs of a cluster: `Cluster` of wire/ has it, and so have the tests' brokers. */
import type { TopicMetadata } from '../wire/metadata.ts'
import type { WireApi } from '../wire/wire-api.ts'

export interface Leaders {
  /** Undefined: it was not asked for. Null: there is no such topic. */
  topic(name: string): TopicMetadata | null | undefined
  /** The broker that leads a partition; -1: none, or not known. */
  leaderOf(topic: string, partition: number): number
  /** @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  refresh(topics: readonly string[]): Promise<void>
  connectionTo(brokerId: number): Promise<LeaderConnection>
  close(): void
}

/** Answers come in the order of requests. */
export interface LeaderConnection {
  readonly isOpen: boolean
  send<Request, Answer>(
    api: WireApi<Request, Answer>,
    request: Request,
    waitMs?: number,
  ): Promise<Answer>
}
