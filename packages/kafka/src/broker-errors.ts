/**
 * What librdkafka or the broker says, as errors of Millrace.
 *
 * Negative codes are librdkafka's own, positive ones come from the broker; both are stable.
 */
import { type ErrorCode, type ErrorPlace, MillraceError } from '@millrace/core'
import type { NativeError } from './native-client.ts'

export const CODE = {
  transport: -195,
  erroneousState: -172,
  purgedQueue: -152,
  purgedInFlight: -151,
  resolve: -193,
  unknownPartition: -190,
  unknownTopic: -188,
  allBrokersDown: -187,
  timedOut: -185,
  queueFull: -184,
  assignPartitions: -175,
  revokePartitions: -174,
  noEntry: -156,
  fatal: -150,
  gapless: -148,
  maxPollExceeded: -147,
  offsetReset: -140,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  topicAuthorization: 29,
  groupAuthorization: 30,
  clusterAuthorization: 31,
  timestampRefused: 32,
  transactionalIdAuthorization: 53,
  topicExists: 36,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
} as const

const UNREACHABLE: ReadonlySet<number> = new Set([
  CODE.transport,
  CODE.resolve,
  CODE.allBrokersDown,
  CODE.timedOut,
  -192, // message timed out
  -181, // TLS
  -166, // timed out in queue
  5, // leader not available
  6, // not the leader
  7, // request timed out
  8, // broker not available
  9, // replica not available
  13, // network exception
  CODE.coordinatorLoading,
  15, // coordinator not available
  16, // not the coordinator
  19, // not enough replicas
  20, // not enough replicas after append
  56, // storage error: the partition moves
  CODE.fencedLeaderEpoch,
  CODE.unknownLeaderEpoch,
])

/** Group errors after which the member joins again by itself. */
const MEMBERSHIP_LOST: ReadonlySet<number> = new Set([22, 25, 27, 110, 113])

const MISSING: ReadonlySet<number> = new Set([
  CODE.unknownTopicOrPartition,
  CODE.unknownTopic,
  CODE.unknownPartition,
  100, // unknown topic id
])

/** What a user was about to do when a right on a topic was missing. */
export type TopicRight = 'Describe' | 'Create' | 'Read' | 'Write'

const REFUSED: Readonly<Record<number, string>> = {
  [CODE.groupAuthorization]:
    'Give this user "Read" on the group; its name is the id of the application.',
  [CODE.clusterAuthorization]: 'Give this user "IdempotentWrite" on the cluster.',
  [CODE.transactionalIdAuthorization]:
    'Give this user "Write" and "Describe" on the transactional ids that begin with the id of ' +
    'the application.',
  33: 'Choose a "sasl.mechanism" that the broker has.',
  34: 'Check "security.protocol" and "sasl.mechanism".',
  58: 'Check "sasl.username" and "sasl.password".',
  [-169]: 'Check the security settings.',
  [CODE.fatal]: 'The client cannot go on; start again.',
  49: 'Another producer took over.',
}

export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(codeOf(error))
}

export function isMissing(error: unknown): boolean {
  return MISSING.has(codeOf(error))
}

export function isRefused(error: unknown): boolean {
  return codeOf(error) === CODE.topicAuthorization || codeOf(error) in REFUSED
}

export function codeOf(error: unknown): number {
  return Number((error as Partial<NativeError> | null)?.code ?? 0)
}

/** Makes an error of Millrace, with what is known of the connections. */
export type Explain = (
  what: string,
  error: unknown,
  place?: ErrorPlace,
  right?: TopicRight,
) => MillraceError

/** What to do about a missing right on a topic. */
export function topicRightAdvice(right: TopicRight): string {
  return `Give this user "${right}" on the topic.`
}

/** The words of an error; of a part of an answer the client gives something that is no Error. */
export function messageOf(error: unknown): string {
  const message = (error as Partial<Error> | null)?.message
  return typeof message === 'string' ? message : String(error)
}

/**
 * An error of Millrace for one of the client.
 * @param what what was done, for example `the offsets were not committed`
 * @param right the one on a topic that doing it needs
 */
export function brokerError(
  what: string,
  error: unknown,
  place: ErrorPlace = {},
  right: TopicRight = 'Describe',
): MillraceError {
  if (MillraceError.is(error)) return error
  const code = codeOf(error)
  const said = `${what}: ${messageOf(error).replace(/\.?$/, '')} (code ${code}).`
  const failure = (errorCode: ErrorCode, advice: string, retriable: boolean): MillraceError =>
    new MillraceError(errorCode, `${said} ${advice}`, { ...place, cause: error, retriable })
  if (UNREACHABLE.has(code)) {
    return failure('BROKER_UNREACHABLE', 'Check that the brokers run and are reachable.', true)
  }
  if (MISSING.has(code)) {
    return failure('TOPIC_MISSING', 'Create the topic, or correct its name.', false)
  }
  if (MEMBERSHIP_LOST.has(code)) {
    return failure('BROKER_REFUSED', 'This member is out of the group and joins again.', true)
  }
  if (code === CODE.offsetOutOfRange || code === CODE.offsetReset) {
    return failure('OFFSET_OUT_OF_RANGE', 'Start from an offset that is there.', false)
  }
  if (code === CODE.topicAuthorization) {
    return failure('BROKER_REFUSED', topicRightAdvice(right), false)
  }
  return failure('BROKER_REFUSED', REFUSED[code] ?? 'See the log of the broker.', false)
}
