/**
 * What must come out, from what went in: arithmetic on the records of the input topic as they lie
 * there, partition by partition. It knows the words of the story and nothing of Millrace.
 *
 * The clock of a partition is the greatest event time before a record, less the disorder. A record
 * is too late for its window when that clock has reached the window's end and its grace.
 */

import {
  AMOUNT_MIN,
  BROKEN,
  DISORDER_MS,
  GRACE_MS,
  ITEM_WINDOW_MS,
  type Purchase,
  USER_WINDOW_MS,
} from '../crash/story.ts'
import { Bursts } from './bursts.ts'
import type { Result } from './result.ts'

/** A record of the input as it lies in its topic. */
export interface InputLine {
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: string
}

export const OUTPUTS = [
  'passed',
  'users',
  'files',
  'late',
  'items',
  'updates',
  'bursts',
  'dead',
] as const

export type OutputName = (typeof OUTPUTS)[number]

export type Expected = Readonly<Record<OutputName, readonly Result[]>>

interface Sum {
  n: number
  total: number
  least: number
  most: number
  latest: number
}

/** @param input of each partition in the order of offsets. */
export function expectedOf(input: readonly InputLine[]): Expected {
  const clocks = new Map<number, number>()
  const bursts = new Bursts()
  const users = new Map<string, Sum>()
  const items = new Map<string, Sum>()
  const passed: Result[] = []
  const late: Result[] = []
  const dead: Result[] = []
  for (const { partition, offset, key, value } of input) {
    if (value.startsWith(BROKEN)) {
      dead.push({ id: value, key, rank: offset, content: value })
      continue
    }
    const record = JSON.parse(value) as Purchase
    const { at, amount, user, item, seq } = record
    const clock = clocks.get(partition) ?? Number.NEGATIVE_INFINITY
    const copy = { id: `${seq}`, key: user, rank: offset, content: purchaseText(record) }
    bursts.add(partition, record, clock)
    if (amount >= AMOUNT_MIN) passed.push(copy)
    if (isLate(at, USER_WINDOW_MS, clock)) late.push(copy)
    else add(users, `${user} ${startOf(at, USER_WINDOW_MS)}`, record)
    if (!isLate(at, ITEM_WINDOW_MS, clock)) {
      add(items, `${item} ${startOf(at, ITEM_WINDOW_MS)}`, record)
    }
    clocks.set(partition, Math.max(at - DISORDER_MS, clock))
  }
  return {
    passed,
    late,
    dead,
    users: windows(users, 'user', USER_WINDOW_MS, true),
    files: windows(users, 'user', USER_WINDOW_MS, false),
    items: windows(items, 'item', ITEM_WINDOW_MS, true),
    // The last one of each window is what it is in the end.
    updates: windows(items, 'item', ITEM_WINDOW_MS, true),
    bursts: bursts.end(),
  }
}

export function purchaseText({ seq, user, item, amount, at }: Purchase): string {
  return JSON.stringify({ seq, user, item, amount, at })
}

function isLate(at: number, sizeMs: number, clock: number): boolean {
  return startOf(at, sizeMs) + sizeMs + GRACE_MS <= clock
}

function startOf(at: number, sizeMs: number): number {
  return Math.floor(at / sizeMs) * sizeMs
}

function add(sums: Map<string, Sum>, id: string, { amount, at }: Purchase): void {
  const sum = sums.get(id)
  if (sum === undefined) {
    sums.set(id, { n: 1, total: amount, least: amount, most: amount, latest: at })
    return
  }
  sum.n++
  sum.total += amount
  sum.least = Math.min(sum.least, amount)
  sum.most = Math.max(sum.most, amount)
  sum.latest = Math.max(sum.latest, at)
}

/** @param isTimed whether the time of the result is seen where it is written. */
function windows(
  sums: Map<string, Sum>,
  column: string,
  sizeMs: number,
  isTimed: boolean,
): Result[] {
  return [...sums].map(([id, { n, total, least, most, latest }]) => {
    const [key, start] = id.split(' ') as [string, string]
    const from = Number(start)
    const row = { [column]: key, window_start: from, window_end: from + sizeMs }
    const content = JSON.stringify({ ...row, n, total, least, most })
    return { id, key, rank: from, content: isTimed ? `${content} at ${latest}` : content }
  })
}
