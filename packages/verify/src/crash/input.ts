import { Random } from '../random.ts'
import { BROKEN, DISORDER_MS, ITEMS, type Purchase, USERS } from './story.ts'

/** One purchase in so many is late by far. */
const LATE_EVERY = 150
const LATE_BY_MS = 8_000
/** One record in so many is broken. */
const BROKEN_EVERY = 200

export interface InputTraits {
  readonly seed: number
  /** Event time of the first purchase. */
  readonly startAt: number
  readonly perSecond: number
}

export interface InputRecord {
  readonly key: string
  readonly value: string
  readonly timestamp: number
}

/** The record with this number: a purchase, or something that cannot be read as one. */
export function inputRecord(seq: number, traits: InputTraits): InputRecord {
  const record = purchase(seq, traits)
  const isBroken = seq % BROKEN_EVERY === BROKEN_EVERY - 1
  const value = isBroken ? `${BROKEN}${seq}` : JSON.stringify(record)
  return { key: record.user, value, timestamp: record.at }
}

/**
 * The purchase with this number: a function of the seed and the number alone. Event times rise with
 * the numbers at the pace of the clock, with some disorder, and a few purchases are late.
 */
function purchase(seq: number, { seed, startAt, perSecond }: InputTraits): Purchase {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(seq + 1, 0x85ebca6b))
  const behind = random.below(LATE_EVERY) === 0 ? LATE_BY_MS : random.below(DISORDER_MS)
  return {
    seq,
    user: `user-${random.below(USERS)}`,
    item: `item-${random.below(ITEMS)}`,
    amount: random.below(100),
    at: startAt + Math.floor((seq * 1_000) / perSecond) - behind,
  }
}
