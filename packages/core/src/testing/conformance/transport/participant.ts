import { partitionName, type TopicPartition } from '../../../record/topic-partition.ts'
import type { GroupMember, Transport } from '../../../transport/transport.ts'

/** A member that notes what it is told. */
export class Participant {
  readonly owned: Set<string> = new Set()
  readonly revoked: string[] = []
  readonly errors: Error[] = []
  /** Done for each partition before it is given up. */
  beforeRevoked: (partitions: readonly TopicPartition[]) => Promise<void> = async () => {}
  #member: GroupMember | null = null

  async join(transport: Transport, groupId: string, topics: readonly string[]): Promise<void> {
    this.#member = await transport.joinGroup({
      groupId,
      topics,
      onAssigned: partitions => {
        for (const { topic, partition } of partitions) {
          this.owned.add(partitionName(topic, partition))
        }
      },
      onRevoked: async partitions => {
        await this.beforeRevoked(partitions)
        for (const { topic, partition } of partitions) {
          this.revoked.push(partitionName(topic, partition))
          this.owned.delete(partitionName(topic, partition))
        }
      },
      onLost: partitions => {
        for (const { topic, partition } of partitions) {
          this.owned.delete(partitionName(topic, partition))
        }
      },
      onError: error => {
        this.errors.push(error)
      },
    })
  }

  get member(): GroupMember {
    if (this.#member === null) throw new Error('has not joined')
    return this.#member
  }
}
