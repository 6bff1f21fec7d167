/**
 * The topics of the embedded broker. A topic there appears with four partitions when it is asked
 * for by name, and the usual questions get no answer; so all are listed to describe some, and
 * asking by name is how one is made.
 */
import { MillraceError, type TopicSpec } from '@millrace/core'
import type { Explain } from './broker-errors.ts'
import { EMBEDDED_PARTITIONS } from './embedded-producer.ts'
import { answerOf, type NativeMetadata, type NativeProducer } from './native-client.ts'
import type { CatalogTopic, TopicCatalog } from './topic-catalog.ts'

const TIMEOUT_MS = 5_000

export class EmbeddedCatalog implements TopicCatalog {
  readonly #client: NativeProducer
  readonly #explain: Explain

  constructor(client: NativeProducer, explain: Explain) {
    this.#client = client
    this.#explain = explain
  }

  async describe(names: readonly string[]): Promise<Map<string, CatalogTopic | null>> {
    const { topics } = await this.#ask({ allTopics: true })
    const found = new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
    return new Map(
      names.map(name => {
        const partitionCount = found.get(name)
        if (partitionCount === undefined) return [name, null]
        return [name, { topicId: '', partitionCount, replicationFactor: 1, isReady: true }]
      }),
    )
  }

  async create({ name, partitionCount }: TopicSpec): Promise<boolean> {
    if (partitionCount !== EMBEDDED_PARTITIONS) {
      throw new MillraceError(
        'TOPIC_MISCONFIGURED',
        `topic ${JSON.stringify(name)} was asked for with ${partitionCount} partitions; every ` +
          `topic of the embedded broker has ${EMBEDDED_PARTITIONS}. Ask for that, or use a real ` +
          'broker.',
        { topic: name },
      )
    }
    await this.#ask({ topic: name, allTopics: false })
    return true
  }

  #ask(what: { readonly topic?: string; readonly allTopics: boolean }): Promise<NativeMetadata> {
    return answerOf<NativeMetadata>(done =>
      this.#client.getMetadata({ ...what, timeout: TIMEOUT_MS }, done),
    ).catch(error => {
      throw this.#explain('topics were not described', error)
    })
  }
}
