/**
 * Which generation of its group a member is in.
 *
 * The client knows it and sends it with its own requests, but has no call that tells it: only a
 * line of its log does, each time the member has joined. The broker checks the number that is sent,
 * so a wrong or old one is refused and never believed. The exam of transports on a real broker
 * shows that the client that is installed says it.
 */
import type { NativeLogLine } from './native-client.ts'

export interface Generation {
  readonly number: number
  readonly memberId: string
}

const JOINED = /GenerationId (?<number>\d+), .*my MemberId (?<memberId>[^\s,]+), .*\(no error\)/

/** Null: the line tells of something else. */
export function generationIn({ message }: NativeLogLine): Generation | null {
  const { number, memberId } = JOINED.exec(message)?.groups ?? {}
  return number === undefined || memberId === undefined
    ? null
    : { number: Number(number), memberId }
}
