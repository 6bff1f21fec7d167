/** What it means that a record was not written, in words of ours: for both kinds of producers. */
import { MillraceError } from '@millrace/core'
import { CODE, codeOf, isUnreachable, messageOf, topicRightAdvice } from './broker-errors.ts'

const ADVICE: Readonly<Record<number, string>> = {
  [CODE.messageTooLarge]:
    'It is larger than the broker takes ("max.message.bytes" of the topic) or than the client ' +
    'sends ("message.max.bytes" of the settings). Raise them, or write smaller records; where ' +
    'only many together are too large, lower "batch.size" of the settings.',
  [CODE.unknownTopicOrPartition]: 'The topic was deleted, or has no such partition. Create it.',
  [CODE.unknownPartition]: 'The topic was deleted, or has no such partition. Create it.',
  [CODE.unknownTopic]: 'The topic was deleted, or never was. Create it.',
  [CODE.topicAuthorization]: topicRightAdvice('Write'),
  [CODE.clusterAuthorization]: 'Give this user "IdempotentWrite" on the cluster.',
  [CODE.timestampRefused]:
    'The topic takes no timestamp as far from now ("message.timestamp.after.max.ms" and ' +
    '"message.timestamp.before.max.ms" of the topic).',
  [CODE.fatal]: 'The producer cannot go on after this.',
}

/** The fate of records whose client or transaction has failed already, for a reason of its own. */
const VAGUE: ReadonlySet<number> = new Set([
  CODE.fatal,
  CODE.gapless,
  CODE.erroneousState,
  CODE.purgedQueue,
  CODE.purgedInFlight,
])

/** It says that something failed, not what. */
export function isVague(error: unknown): boolean {
  return VAGUE.has(codeOf(error))
}

/** That records were not written, with what can be done. */
export function deliveryFailure(
  error: unknown,
  redact: (text: string) => string,
  topic?: string,
  partition: number | null = null,
): MillraceError {
  const reason = redact(messageOf(error))
  const place = partition === null || partition < 0 ? { topic } : { topic, partition }
  const advice = ADVICE[codeOf(error)] ?? ''
  const said = `a record was not written: ${reason.replace(/\.?$/, '.')} ${advice}`
  return new MillraceError(
    'DELIVERY_FAILED',
    `${said}${advice === '' ? '' : ' '}The epoch must be repeated.`.replace(/ {2,}/g, ' '),
    { ...place, cause: error, retriable: !isLasting(error) },
  )
}

/**
 * That nobody knows whether records were written.
 * @param said what a broker said meanwhile
 */
export function deliveryInDoubt(cause: unknown, afterMs: number, said = ''): MillraceError {
  const last = said === '' ? '' : ` (last: ${said.replace(/\.$/, '')})`
  return new MillraceError(
    'DELIVERY_FAILED',
    `the brokers did not acknowledge all records within ${Math.round(afterMs / 1000)} s${last}; ` +
      'whether they were written is not known. Check that the brokers run. The epoch must be ' +
      'repeated.',
    { cause, retriable: true },
  )
}

/** Of a producer and its sequences, or of a batch that was damaged on its way. */
const ENDED_HERE: ReadonlySet<number> = new Set([2, 45, 46, 59])

/** The same record would be refused again; other failures may pass, with a new producer. */
function isLasting(error: unknown): boolean {
  if (MillraceError.is(error)) return !error.retriable
  return !isUnreachable(error) && !isVague(error) && !ENDED_HERE.has(codeOf(error))
}
