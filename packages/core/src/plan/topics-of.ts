import { nodesOf, type OutputNode } from './node.ts'
import type { TopicDefinition } from './topic-definition.ts'

/** The topics that a plan reads and writes, as they were declared; dead letters aside. */
export function topicsOf(outputs: readonly OutputNode[]): TopicDefinition[] {
  return nodesOf(outputs).flatMap(node => {
    if (node.kind === 'to-topic') return [node.topic]
    return node.kind === 'source' && node.input.kind === 'topic' ? [node.input.topic] : []
  })
}
