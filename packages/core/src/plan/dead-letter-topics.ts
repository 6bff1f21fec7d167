/**
 * The topics that a plan writes dead letters to, by name: those of every policy in it, of topics
 * as of steps.
 */
import { MillraceError } from '../errors.ts'
import type { DeadLetterTopic, ErrorPolicy } from '../record/error-policy.ts'
import { nodesOf, type OutputNode, type PlanNode } from './node.ts'

/** A topic that is named by several policies is created as the first one says that says it. */
export function deadLetterTopics(
  outputs: readonly OutputNode[],
): ReadonlyMap<string, DeadLetterTopic> {
  const topics = new Map<string, DeadLetterTopic>()
  for (const node of nodesOf(outputs)) {
    const policy = policyOf(node)
    if (policy?.kind !== 'dead-letter') continue
    const { topic } = policy
    if ((topics.get(topic.name)?.create ?? null) === null) topics.set(topic.name, topic)
  }
  return topics
}

/**
 * A dead letter that is read by the application that wrote it fails again and is written again,
 * for ever.
 * @throws INVALID_PLAN
 */
export function refuseDeadLetterLoops(outputs: readonly OutputNode[]): void {
  const topics = deadLetterTopics(outputs)
  for (const node of nodesOf(outputs)) {
    if (node.kind !== 'source' || node.input.kind !== 'topic') continue
    const { name } = node.input.topic
    if (!topics.has(name)) continue
    throw new MillraceError(
      'INVALID_PLAN',
      `the application reads topic ${JSON.stringify(name)} and writes its dead letters there, so ` +
        'a record that fails would come back for ever. Read dead letters in an application of ' +
        'its own, with another policy.',
      { topic: name },
    )
  }
}

function policyOf(node: PlanNode): ErrorPolicy | null {
  if ('onError' in node) return node.onError
  if (node.kind !== 'source') return null
  return node.input.kind === 'topic' ? node.input.topic.onError : node.input.onError
}
