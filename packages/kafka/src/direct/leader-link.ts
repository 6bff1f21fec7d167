/**
 * The way to one broker: a connection, and how many requests are under way on it.
 *
 * Requests are written in the order in which they are sent, on one connection: it is opened before,
 * never in between.
 */
import {
  PRODUCE,
  PRODUCE_IN_TRANSACTION,
  type ProduceRequest,
  type ProduceResponse,
} from '../wire/produce.ts'
import type { LeaderConnection, Leaders } from './leaders.ts'

/** The broker knows the last five batches of a producer, and no more. */
const UNDER_WAY_MAX = 5

export class LeaderLink {
  readonly brokerId: number
  readonly #cluster: Leaders
  #connection: LeaderConnection | null = null
  #isOpening = false
  #underWay = 0
  #throttle: NodeJS.Timeout | null = null

  constructor(brokerId: number, cluster: Leaders) {
    this.brokerId = brokerId
    this.#cluster = cluster
  }

  /** Another request can be sent. If not, `onRoom` is called when that may have changed. */
  hasRoom(onRoom: () => void, onFailure: (error: Error) => void): boolean {
    if (this.#connection?.isOpen !== true) {
      this.#open(onRoom, onFailure)
      return false
    }
    if (this.#throttle !== null) return false
    return this.#underWay < UNDER_WAY_MAX
  }

  async send(request: ProduceRequest, onRoom: () => void): Promise<ProduceResponse> {
    this.#underWay++
    try {
      const isDeclared = request.transactionalId === null
      const api = isDeclared ? PRODUCE : PRODUCE_IN_TRANSACTION
      const answer = await (this.#connection as LeaderConnection).send(api, request, request.waitMs)
      if (answer.throttleMs > 0) this.#waitFor(answer.throttleMs, onRoom)
      return answer
    } finally {
      this.#underWay--
    }
  }

  /** The broker asks for it. */
  #waitFor(ms: number, onRoom: () => void): void {
    clearTimeout(this.#throttle ?? undefined)
    this.#throttle = setTimeout(() => {
      this.#throttle = null
      onRoom()
    }, ms)
  }

  close(): void {
    clearTimeout(this.#throttle ?? undefined)
  }

  #open(onOpen: () => void, onFailure: (error: Error) => void): void {
    if (this.#isOpening) return
    this.#isOpening = true
    this.#cluster.connectionTo(this.brokerId).then(
      connection => {
        this.#isOpening = false
        this.#connection = connection
        onOpen()
      },
      error => {
        this.#isOpening = false
        onFailure(error)
      },
    )
  }
}
