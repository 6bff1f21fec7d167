/**
 * Which topics there are: asked of a broker, or of the embedded one, which has no answer to the
 * usual questions.
 */
import { MillraceError, type TopicSpec } from '@millrace/core'
import { CODE, codeOf, type Explain, isMissing } from './broker-errors.ts'
import { answerOf, type NativeAdmin, type NativeTopic } from './native-client.ts'

export interface CatalogTopic {
  /** Changes when a topic is deleted and made again. */
  readonly topicId: string
  readonly partitionCount: number
  readonly replicationFactor: number
  /** False while partitions have no leader yet. */
  readonly isReady: boolean
}

export interface TopicCatalog {
  /** Null = no such topic. Creates none. */
  describe(names: readonly string[]): Promise<ReadonlyMap<string, CatalogTopic | null>>
  /** Gives false when the topic exists already. */
  create(spec: TopicSpec): Promise<boolean>
}

const TIMEOUT_MS = 6_000
/** Topics made with a mistake in them: count, replication, name, policy, configuration. */
const MISCONFIGURED: ReadonlySet<number> = new Set([17, 37, 38, 39, 40, 44])

export class BrokerCatalog implements TopicCatalog {
  readonly #admin: NativeAdmin
  readonly #explain: Explain

  constructor(admin: NativeAdmin, explain: Explain) {
    this.#admin = admin
    this.#explain = explain
  }

  async describe(names: readonly string[]): Promise<Map<string, CatalogTopic | null>> {
    const found = new Map<string, CatalogTopic | null>()
    const wanted = [...new Set(names)]
    if (wanted.length === 0) return found
    const topics = await answerOf<readonly NativeTopic[]>(done =>
      this.#admin.describeTopics(wanted, { timeout: TIMEOUT_MS }, done),
    ).catch(error => {
      throw this.#explain('topics were not described', error)
    })
    for (const topic of topics) found.set(topic.name, this.#entryOf(topic))
    return found
  }

  async create({ name, partitionCount, replicationFactor, config }: TopicSpec): Promise<boolean> {
    const topic = {
      topic: name,
      num_partitions: partitionCount,
      replication_factor: replicationFactor,
      config,
    }
    try {
      await answerOf<void>(done => this.#admin.createTopic(topic, TIMEOUT_MS, done))
      return true
    } catch (error) {
      if (codeOf(error) === CODE.topicExists) return false
      if (!MISCONFIGURED.has(codeOf(error))) {
        const what = `topic ${JSON.stringify(name)} was not created`
        throw this.#explain(what, error, { topic: name }, 'Create')
      }
      throw new MillraceError(
        'TOPIC_MISCONFIGURED',
        `topic ${JSON.stringify(name)} was not created with ${partitionCount} partitions, ` +
          `replication factor ${replicationFactor} and ${JSON.stringify(config)}: ` +
          `${(error as Error).message}. Correct what the broker refuses.`,
        { topic: name, cause: error },
      )
    }
  }

  #entryOf(topic: NativeTopic): CatalogTopic | null {
    const { name, error, partitions, topicId } = topic
    if (error !== undefined && error !== null && codeOf(error) !== 0) {
      // 17: a name that no topic can have.
      if (isMissing(error) || codeOf(error) === 17) return null
      throw this.#explain(`topic ${JSON.stringify(name)} was not described`, error, { topic: name })
    }
    return {
      topicId: topicId?.base64 ?? '',
      partitionCount: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 1,
      isReady: partitions.every(({ leader }) => leader !== undefined && leader !== null),
    }
  }
}
