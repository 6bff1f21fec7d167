/**
 * Names of subjects: under which name a registry keeps the schemas of a topic.
 *
 *   subject            in the default context
 *   :.ctx:subject      in the context `.ctx`; each context has ids of its own
 *
 * A strategy makes the name from the topic and the schema. `topicName` is the default, as it is
 * with Confluent's serdes; those that use the name of the record allow several types in one topic.
 */
import { MillraceError } from '@millrace/core'

/** What a name is made from. */
export interface SubjectOf {
  readonly topic: string
  readonly isKey: boolean
  /** Full name of the schema when it is a record, enum or fixed; null when it has none. */
  readonly recordName: string | null
}

/** @throws INVALID_ARGUMENT when the schema has no name and the strategy needs one. */
export type SubjectStrategy = (of: SubjectOf) => string

/** `orders-value`, `orders-key`. */
export const topicName: SubjectStrategy = ({ topic, isKey }) =>
  `${topic}-${isKey ? 'key' : 'value'}`

/** `com.shop.Order`: one subject for all topics that have the type. */
export const recordName: SubjectStrategy = of => nameOf(of)

/** `orders-com.shop.Order`. */
export const topicRecordName: SubjectStrategy = of => `${of.topic}-${nameOf(of)}`

function nameOf({ recordName, topic }: SubjectOf): string {
  if (recordName !== null) return recordName
  throw new MillraceError(
    'INVALID_ARGUMENT',
    'this subject strategy needs a schema with a name; the one given has none. ' +
      'Use a record schema, or topicName.',
    { topic },
  )
}

const QUALIFIED = /^:(\.[^:]*):(.*)$/s
/** `.` alone is the default one. */
const CONTEXT = /^\.[A-Za-z0-9_.-]*$/

/** Context of a subject, `.` when it names none. */
export function contextOf(subject: string): string {
  return QUALIFIED.exec(subject)?.[1] ?? '.'
}

/** The subject in a context, unless it names one itself. */
export function inContext(context: string, subject: string): string {
  return context === '.' || QUALIFIED.test(subject) ? subject : `:${context}:${subject}`
}

/** @throws INVALID_ARGUMENT */
export function checkContext(context: unknown): string {
  if (typeof context === 'string' && CONTEXT.test(context)) return context
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `a context is a dot and a name of letters, digits and _ . -, for example ".team-a"; ` +
      `got ${JSON.stringify(context)}.`,
  )
}
