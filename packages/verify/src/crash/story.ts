/**
 * What a crash story is about, as numbers and names: the part that the workers, who must get the
 * results right, and the checker, who computes them anew, have in common. Nothing here computes.
 */
import type { Guarantee } from '@millrace/core'

/** Settings of librdkafka, `bootstrap.servers` among them. */
export type ClientSettings = { readonly 'bootstrap.servers': string } & {
  readonly [name: string]: string | number | boolean
}

export const PARTITIONS = 4
export const WORKERS = 3
export const USERS = 60
export const ITEMS = 15

/** Of the windows by user, which need no repartition. */
export const USER_WINDOW_MS = 4_000
/** Of the windows by item, through a repartition topic. */
export const ITEM_WINDOW_MS = 3_000
export const GRACE_MS = 1_000
export const DISORDER_MS = 500
/** A burst ends so long after its first purchase. */
export const BURST_MS = 2_000
/** Least time between two updates of a window. */
export const UPDATES_EVERY_MS = 500
/** Purchases below are not passed on. */
export const AMOUNT_MIN = 20

export const SESSION_MS = 6_000

/** What a broken record begins with; its number follows. */
export const BROKEN = 'broken '

/** The topics of a story; all begin with its id. */
export interface StoryTopics {
  readonly input: string
  /** Each purchase of `AMOUNT_MIN` or more, as it was. */
  readonly passed: string
  /** Windows by user. */
  readonly users: string
  /** Purchases that came too late for their window by user. */
  readonly late: string
  /** Windows by item. */
  readonly items: string
  /** Windows by item, each time they have changed. */
  readonly updates: string
  /** Purchases of a user from the first one on, for a while: given out by a timer. */
  readonly bursts: string
  /** What could not be read. */
  readonly dead: string
}

export function storyTopics(id: string): StoryTopics {
  return {
    input: `${id}-purchases`,
    passed: `${id}-passed`,
    users: `${id}-users`,
    late: `${id}-late`,
    items: `${id}-items`,
    updates: `${id}-updates`,
    bursts: `${id}-bursts`,
    dead: `${id}-dead`,
  }
}

/** A record of the input that is not broken. Its key is the user; `seq` is unlike all others. */
export interface Purchase {
  readonly seq: number
  readonly user: string
  readonly item: string
  readonly amount: number
  /** Event time. */
  readonly at: number
}

/** All that a worker needs to know. */
export interface WorkerOrders {
  readonly id: string
  readonly settings: ClientSettings
  readonly guarantee: Guarantee
  readonly commitIntervalMs: number
  readonly idleMs: number
  /** Where its state is. */
  readonly folder: string
  /** Where all workers write files: the windows by user, once more. */
  readonly files: string
}
