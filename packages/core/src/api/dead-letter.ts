import type { DeadLetterTopic, ErrorPolicy } from '../record/error-policy.ts'
import type { TopicCreation } from '../record/topic-creation.ts'
import { requireThat } from './step.ts'
import { checkCreation, checkTopicName, Topic } from './topic.ts'

/**
 * A policy: the record that fails is written to a topic, and the run goes on. It is counted as
 * `records_dead_lettered` and logged (rate-limited).
 *
 * A dead letter has the key, value, headers and timestamp of the record as it was read, byte for
 * byte, and headers that say what happened: see `deadLetterInfo`. What has no record of its own (a
 * row of an array, what came through an internal topic, a result of a window) is written as its
 * row in JSON. Dead letters are outputs: exactly once under that guarantee. A dead letter that
 * cannot be written fails the epoch.
 *
 * @param topic what `app.topic` gave, or a name; its serdes play no part. The application must not
 *   read it.
 * @example
 * app.topic('orders', { value: json(Order), onError: deadLetter('orders-dead') })
 */
export function deadLetter(topic: Topic): ErrorPolicy
export function deadLetter(name: string, options?: { readonly create?: TopicCreation }): ErrorPolicy
export function deadLetter(
  topic: Topic | string,
  options: { readonly create?: TopicCreation } = {},
): ErrorPolicy {
  return Object.freeze({ kind: 'dead-letter', topic: Object.freeze(parseTopic(topic, options)) })
}

/** @throws INVALID_ARGUMENT */
function parseTopic(
  topic: Topic | string,
  { create = null }: { readonly create?: TopicCreation | null },
): DeadLetterTopic {
  if (topic instanceof Topic) {
    const rule = 'deadLetter takes { create } with a name only; a topic says itself how it is made'
    requireThat(create === null, rule, create)
    const { name } = topic
    return { name, create: topic.definition.create }
  }
  const rule = "deadLetter needs a topic, app.topic('orders-dead'), or its name"
  requireThat(typeof topic === 'string', rule, topic)
  checkTopicName(topic)
  checkCreation(topic, create)
  return { name: topic, create }
}
