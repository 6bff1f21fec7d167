/**
 * Whoever keeps a group or a transactional id: found, and found again when it has moved.
 *
 * Requests are repeated while the answer is that it should be tried again, for as long as a call
 * may take: what is asked of a coordinator here can be asked twice.
 */
import { MillraceError } from '@millrace/core'
import { CODE } from '../broker-errors.ts'
import type { Connection } from '../wire/connection.ts'
import { type CoordinatorAsked, FIND_COORDINATOR } from '../wire/find-coordinator.ts'
import type { WireApi } from '../wire/wire-api.ts'

const NOT_AVAILABLE = 15
const NOT_COORDINATOR = 16
const CONCURRENT_TRANSACTIONS = 51

/** Of an answer: it was not done, and may be later. */
const AGAIN: ReadonlySet<number> = new Set([
  CODE.unknownTopicOrPartition,
  7, // the request timed out
  CODE.coordinatorLoading,
  NOT_AVAILABLE,
  NOT_COORDINATOR,
  19, // too few replicas in sync
  20,
  CONCURRENT_TRANSACTIONS,
])

/** The broker is still at the transaction before. */
const SOON_MS = 2
const AGAIN_MS_MAX = 100

type Asked = Pick<Connection, 'send'>

/** What it needs of the cluster. */
export interface CoordinatorCluster {
  anyConnection(): Promise<Asked>
  connectionTo(brokerId: number): Promise<Asked>
  refresh(topics: readonly string[]): Promise<void>
}

export class Coordinator {
  readonly #cluster: CoordinatorCluster
  readonly #asked: CoordinatorAsked
  readonly #callMs: number
  #brokerId: number | null = null

  constructor(cluster: CoordinatorCluster, asked: CoordinatorAsked, callMs: number) {
    this.#cluster = cluster
    this.#asked = asked
    this.#callMs = callMs
  }

  /**
   * Its answer, which may be one that says no.
   * @throws BROKER_UNREACHABLE when there was none in time, BROKER_REFUSED
   */
  async ask<Request, Answer extends { readonly errorCode: number }>(
    api: WireApi<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    const deadline = performance.now() + this.#callMs
    for (let ms = SOON_MS; ; ms = Math.min(ms * 2, AGAIN_MS_MAX)) {
      const isLast = performance.now() > deadline
      try {
        const answer = await (await this.#connection()).send(api, request)
        if (!AGAIN.has(answer.errorCode) || isLast) return answer
        if (answer.errorCode === NOT_AVAILABLE || answer.errorCode === NOT_COORDINATOR) {
          this.#brokerId = null
        }
      } catch (error) {
        if (!MillraceError.is(error) || !error.retriable || isLast) throw error
        this.#brokerId = null
      }
      await new Promise(resolve => setTimeout(resolve, ms))
    }
  }

  async #connection(): Promise<Asked> {
    if (this.#brokerId === null) {
      const any = await this.#cluster.anyConnection()
      const { errorCode, message, brokerId } = await any.send(FIND_COORDINATOR, this.#asked)
      if (errorCode !== 0) throw notFound(this.#asked, errorCode, message)
      await this.#cluster.refresh([])
      this.#brokerId = brokerId
    }
    return this.#cluster.connectionTo(this.#brokerId)
  }
}

function notFound({ of, id }: CoordinatorAsked, code: number, message: string | null): Error {
  const words = message ?? `error ${code}`
  const text = `no coordinator of ${of} ${JSON.stringify(id)} was found: ${words}.`
  if (AGAIN.has(code)) return new MillraceError('BROKER_UNREACHABLE', text, { retriable: true })
  const advice = 'Check the rights of this user on groups and transactional ids.'
  return new MillraceError('BROKER_REFUSED', `${text} ${advice}`)
}
