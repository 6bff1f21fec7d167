import { createHash } from 'node:crypto'
import { isKept, type SubTopology } from '../operator/pipeline.ts'
import type { InternalNames } from './topics.ts'

/** Kafka allows letters, digits, dot, underscore and hyphen, at most 249 characters. */
const NAME_CHARS_MAX = 249

/**
 * Name of an internal topic: `<application>.<identity>.repartition|changelog|source`. Characters
 * that Kafka does not allow become `_`; a name that was changed or is too long ends in a hash of
 * the whole, so that two names never become one.
 */
export function internalTopicName(
  applicationId: string,
  identity: string,
  kind: 'repartition' | 'changelog' | 'source',
): string {
  const wanted = `${applicationId}.${identity}.${kind}`
  const allowed = wanted.replace(/[^a-zA-Z0-9._-]/g, '_')
  if (allowed === wanted && wanted.length <= NAME_CHARS_MAX) return wanted
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 8)
  const ending = `-${hash}.${kind}`
  const beginning = allowed.slice(0, -kind.length - 1)
  return beginning.slice(0, NAME_CHARS_MAX - ending.length) + ending
}

/**
 * Names of all internal topics of an application. A changelog is named after what its part reads;
 * that of a source outside Kafka is what the group divides, too.
 */
export function internalNames(applicationId: string, hasChangelogs: boolean): InternalNames {
  const repartition = (identity: string): string =>
    internalTopicName(applicationId, identity, 'repartition')
  const source = (name: string): string => internalTopicName(applicationId, name, 'source')
  const changelog = (part: SubTopology): string | null => {
    if (!hasChangelogs || !isKept(part)) return null
    const { input } = part
    if (input.kind === 'local') return source(input.resume as string)
    const lead = input.kind === 'topic' ? input.topic : input.identity
    return internalTopicName(applicationId, lead, 'changelog')
  }
  const lead = (part: SubTopology): string | null => {
    const { input } = part
    if (input.kind === 'local') return changelog(part)
    return input.kind === 'topic' ? input.topic : repartition(input.identity)
  }
  return { repartition, changelog, lead }
}
