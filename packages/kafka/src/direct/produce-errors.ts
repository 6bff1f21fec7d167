/** What a broker says to a batch means: written, sent again, or the end of the epoch. */
import { CODE, isUnreachable } from '../broker-errors.ts'

export type Fate = 'written' | 'again' | 'failed'

const OUT_OF_ORDER = 45
/** The broker has it already, from before an answer was lost. */
const DUPLICATE = 46
/** The transaction before is being ended. */
const CONCURRENT_TRANSACTIONS = 51

const WORDS: Readonly<Record<number, string>> = {
  2: 'the broker found the batch damaged',
  [CODE.unknownTopicOrPartition]: 'there is no such topic or partition',
  [CODE.messageTooLarge]: 'it is too large',
  18: 'the broker takes batches of this size from nobody',
  19: 'too few replicas are in sync',
  20: 'too few replicas are in sync',
  [CODE.topicAuthorization]: 'this user may not write to the topic',
  [CODE.clusterAuthorization]: 'this user may not write with idempotence',
  [CODE.timestampRefused]: 'the topic does not take its timestamp',
  [OUT_OF_ORDER]: 'a batch before it is missing',
  47: 'another producer has taken over',
  59: 'the broker has forgotten this producer',
  87: 'the topic does not take such a record (a compacted one must have a key)',
  90: 'another producer has taken over',
}

/** @param isFirst no batch before it is under way or lost */
export function fateOf(code: number, isFirst: boolean): Fate {
  if (code === 0 || code === DUPLICATE) return 'written'
  if (code === CODE.unknownTopicOrPartition || code === CONCURRENT_TRANSACTIONS) return 'again'
  if (code === OUT_OF_ORDER && !isFirst) return 'again'
  return isUnreachable({ code }) ? 'again' : 'failed'
}

/** As an error with the code, for `deliveryFailure`. */
export function produceError(code: number, message: string | null): Error {
  const words = WORDS[code] ?? `the broker answered with error ${code}`
  return Object.assign(new Error(message ?? words), { code })
}
