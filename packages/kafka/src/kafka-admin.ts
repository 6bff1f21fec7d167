/**
 * Topics and offsets, over one connection of the transport.
 *
 * The client refuses a whole question about offsets when one partition in it does not exist, and
 * for a moment after a topic was made or its leader moved; what is meant is found out here.
 */
import {
  type Admin,
  MillraceError,
  type TopicDescription,
  type TopicPartition,
  type TopicSpec,
} from '@millrace/core'
import { CODE, codeOf, type Explain, isMissing } from './broker-errors.ts'
import type { DirectOffsets } from './direct/direct-offsets.ts'
import { answerOf, type ListedOffset, type NativeAdmin } from './native-client.ts'
import type { CatalogTopic, TopicCatalog } from './topic-catalog.ts'

/** `latest` is the high watermark, `stable` the last stable offset. */
export type OffsetKind = 'earliest' | 'latest' | 'stable'

const TIMEOUT_MS = 5_000
/** How long a new topic may take to be known everywhere. */
const NEWS_MS = 5_000
const ASK_AGAIN_MS = 50
/** What the client knows of the leader is old, or too new for it: after a broker came again. */
const LEADER_MOVED: ReadonlySet<number> = new Set([
  5, // leader not available
  6, // not the leader
  CODE.fencedLeaderEpoch,
  CODE.unknownLeaderEpoch,
])

export class KafkaAdmin implements Admin {
  readonly #native: NativeAdmin
  readonly #catalog: TopicCatalog
  readonly #explain: Explain

  readonly #direct: DirectOffsets | null

  /** @param direct null: the client is asked for everything. */
  constructor(
    native: NativeAdmin,
    catalog: TopicCatalog,
    explain: Explain,
    direct: DirectOffsets | null = null,
  ) {
    this.#native = native
    this.#catalog = catalog
    this.#explain = explain
    this.#direct = direct
  }

  async describeTopics(names: readonly string[]): Promise<Map<string, TopicDescription | null>> {
    const found = await this.#catalog.describe(names)
    const described = new Map<string, TopicDescription | null>()
    for (const name of names) {
      const entry = found.get(name) ?? null
      if (entry === null) described.set(name, null)
      else {
        const { partitionCount, replicationFactor, topicId } = entry
        described.set(name, { name, partitionCount, replicationFactor, id: topicId })
      }
    }
    return described
  }

  async createTopic(spec: TopicSpec): Promise<void> {
    await this.#catalog.create(spec)
    const deadline = Date.now() + NEWS_MS
    let entry = await this.topic(spec.name)
    while ((entry === null || !entry.isReady) && Date.now() < deadline) {
      await pause()
      entry = await this.topic(spec.name)
    }
    if (entry === null || entry.partitionCount === spec.partitionCount) return
    throw new MillraceError(
      'TOPIC_MISCONFIGURED',
      `topic ${JSON.stringify(spec.name)} exists with ${entry.partitionCount} partitions, and ` +
        `${spec.partitionCount} were asked for. Ask for the number there is, or use another topic.`,
      { topic: spec.name },
    )
  }

  async addPartitions(topic: string, partitionCount: number): Promise<void> {
    if (((await this.topic(topic))?.partitionCount ?? 0) >= partitionCount) return
    await answerOf<void>(done =>
      this.#native.createPartitions(topic, partitionCount, TIMEOUT_MS, done),
    ).catch(error => {
      const what = `topic ${JSON.stringify(topic)} was not given ${partitionCount} partitions`
      throw this.#explain(what, error, { topic })
    })
    const deadline = Date.now() + NEWS_MS
    for (;;) {
      const entry = await this.topic(topic)
      if (entry?.partitionCount === partitionCount && entry.isReady) return
      if (Date.now() > deadline) return
      await pause()
    }
  }

  async offsets(partition: TopicPartition): Promise<{ earliest: number; latest: number }> {
    const told = await this.#direct?.of(partition)
    if (told) return told
    const [[earliest], [latest]] = await Promise.all([
      this.list([partition], 'earliest'),
      this.list([partition], 'latest'),
    ])
    return { earliest: earliest as number, latest: latest as number }
  }

  /** What is known of one topic; null = there is none. */
  async topic(name: string): Promise<CatalogTopic | null> {
    return (await this.topics([name])).get(name) ?? null
  }

  topics(names: readonly string[]): Promise<ReadonlyMap<string, CatalogTopic | null>> {
    return this.#catalog.describe(names)
  }

  /**
   * One offset per partition, in the order asked.
   * @throws TOPIC_MISSING when any of them is not there
   */
  async list(partitions: readonly TopicPartition[], kind: OffsetKind): Promise<number[]> {
    const deadline = Date.now() + NEWS_MS
    for (;;) {
      try {
        return await this.#ask(partitions, kind)
      } catch (error) {
        const isNews = isMissing(error) || codeOf(error) === CODE.noEntry
        if (!isNews && !LEADER_MOVED.has(codeOf(error))) {
          throw this.#explain('offsets were not told', error, oneOf(partitions))
        }
        if (isNews) await this.#checkThere(partitions)
        if (Date.now() > deadline) {
          throw this.#explain('offsets were not told', error, oneOf(partitions))
        }
      }
      await pause()
    }
  }

  async #ask(partitions: readonly TopicPartition[], kind: OffsetKind): Promise<number[]> {
    const timestamp = kind === 'earliest' ? -2 : -1
    const isolationLevel = kind === 'stable' ? 1 : 0
    const asked = partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: { timestamp },
    }))
    const listed = await answerOf<readonly ListedOffset[]>(done =>
      this.#native.listOffsets(asked, { timeout: TIMEOUT_MS, isolationLevel }, done),
    )
    return partitions.map(({ topic, partition }) => {
      const entry = listed.find(one => one.topic === topic && one.partition === partition)
      if (entry?.error) throw entry.error
      if (entry === undefined) throw new Error(`no answer about ${topic}/${partition}`)
      return entry.offset
    })
  }

  async #checkThere(partitions: readonly TopicPartition[]): Promise<void> {
    const topics = await this.topics(partitions.map(({ topic }) => topic))
    for (const { topic, partition } of partitions) {
      const count = topics.get(topic)?.partitionCount ?? 0
      if (partition < count) continue
      const there = count === 0 ? 'there is no such topic' : `it has ${count} partitions`
      throw new MillraceError(
        'TOPIC_MISSING',
        `partition ${partition} of topic ${JSON.stringify(topic)} is not there: ${there}. ` +
          'Create it, or correct the name.',
        { topic, partition },
      )
    }
  }
}

function oneOf(partitions: readonly TopicPartition[]): TopicPartition | Record<string, never> {
  return partitions.length === 1 ? (partitions[0] as TopicPartition) : {}
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ASK_AGAIN_MS))
}
