/**
 * Where a test may step between a client and the in-memory broker, and what it does there.
 *
 * A fault point is a call of a client that the broker answers. An act planted `before` it runs when
 * the call has been made and has had no effect; one planted `after` it runs when the effect is
 * there and the answer is not. An act that throws fails the call with its error; one that gives a
 * promise delays the call until it settles, for ever if it never does. Acts of one point run in the
 * order they were planted.
 */
export const FAULT_POINTS = [
  'open',
  'describe-topics',
  'create-topic',
  'offsets',
  'join',
  'committed',
  'commit',
  'leave',
  /** A fetch changes nothing: only `before` is asked. */
  'poll',
  /** Records on their way from a producer's buffer to the logs. */
  'write',
  'flush',
  /** A transactional id is taken over. */
  'init-transactions',
  /** Offsets are added to a transaction: here a member out of its group is refused. */
  'send-offsets',
  'end-commit',
  'end-abort',
] as const

export type FaultPoint = (typeof FAULT_POINTS)[number]

export type FaultMoment = 'before' | 'after'

export interface FaultCall {
  readonly point: FaultPoint
  readonly moment: FaultMoment
  readonly clientId: string
}

export type FaultAct = (call: FaultCall) => void | Promise<void>

export interface FaultOptions {
  /** Whose calls; default: everybody's. */
  readonly clientId?: string
  /** How many calls it is for. Default 1. */
  readonly times?: number
  /** How many calls pass untouched before. Default 0. */
  readonly skip?: number
}

interface Planted {
  readonly point: FaultPoint
  readonly moment: FaultMoment
  readonly act: FaultAct
  readonly clientId: string | null
  skip: number
  times: number
}

export class FaultPlan {
  readonly #planted = new Set<Planted>()

  /** Gives a function that takes it back. */
  before(point: FaultPoint, act: FaultAct, options: FaultOptions = {}): () => void {
    return this.#plant(point, 'before', act, options)
  }

  /** Gives a function that takes it back. */
  after(point: FaultPoint, act: FaultAct, options: FaultOptions = {}): () => void {
    return this.#plant(point, 'after', act, options)
  }

  /** False = `meet` would do nothing. */
  isPlanted({ point, moment, clientId }: FaultCall): boolean {
    for (const planted of this.#planted) {
      if (isFor(planted, clientId) && planted.point === point && planted.moment === moment) {
        return true
      }
    }
    return false
  }

  /** Lets the acts planted for a call act. */
  async meet(call: FaultCall): Promise<void> {
    for (const planted of [...this.#planted]) {
      const { point, moment } = planted
      if (!isFor(planted, call.clientId) || point !== call.point || moment !== call.moment) continue
      if (planted.skip > 0) {
        planted.skip--
        continue
      }
      planted.times--
      if (planted.times <= 0) this.#planted.delete(planted)
      await planted.act(call)
    }
  }

  #plant(
    point: FaultPoint,
    moment: FaultMoment,
    act: FaultAct,
    { clientId, times = 1, skip = 0 }: FaultOptions,
  ): () => void {
    const planted = { point, moment, act, clientId: clientId ?? null, skip, times }
    this.#planted.add(planted)
    return () => {
      this.#planted.delete(planted)
    }
  }
}

function isFor({ clientId }: Planted, caller: string): boolean {
  return clientId === null || clientId === caller
}
