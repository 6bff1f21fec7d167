/**
 * The offsets a group has committed, and those that open transactions will commit.
 *
 * As in Kafka, the later word counts: an offset committed after a transaction had sent its own is
 * not overwritten when that transaction commits.
 */
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import type { OffsetCommit } from '../transport.ts'

interface Said {
  readonly commit: OffsetCommit
  /** The how manieth word of the group it is. */
  readonly turn: number
}

export class GroupOffsets {
  readonly #committed = new Map<string, Said>()
  readonly #pending = new Set<ReadonlySet<string>>()
  #turns = 0

  get(topic: string, partition: number): OffsetCommit | undefined {
    return this.#committed.get(partitionName(topic, partition))?.commit
  }

  set(commit: OffsetCommit): void {
    this.#set({ commit: plain(commit), turn: ++this.#turns })
  }

  forget(partition: TopicPartition): void {
    this.#committed.delete(nameOf(partition))
  }

  /** Keeps offsets back until the function given is called, with what became of them. */
  hold(commits: readonly OffsetCommit[]): (isCommitted: boolean) => void {
    const held = commits.map(commit => ({ commit: plain(commit), turn: ++this.#turns }))
    const names = new Set(commits.map(nameOf))
    this.#pending.add(names)
    return isCommitted => {
      this.#pending.delete(names)
      if (isCommitted) for (const said of held) this.#set(said)
    }
  }

  /** True while an open transaction may change one of these. */
  arePending(partitions: readonly TopicPartition[]): boolean {
    for (const names of this.#pending) {
      if (partitions.some(partition => names.has(nameOf(partition)))) return true
    }
    return false
  }

  #set(said: Said): void {
    const name = nameOf(said.commit)
    const known = this.#committed.get(name)
    if (known === undefined || known.turn < said.turn) this.#committed.set(name, said)
  }
}

function plain({ topic, partition, offset, metadata }: OffsetCommit): OffsetCommit {
  return { topic, partition, offset, metadata }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return partitionName(topic, partition)
}
