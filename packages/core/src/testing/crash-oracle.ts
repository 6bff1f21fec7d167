/**
 * What a crash story must come to, by arithmetic over its input alone: windows per group, and which
 * records are late. Knows nothing of tasks, epochs or brokers.
 */

/**
 * What the story computes, in windows of ten seconds and perhaps windows over their results:
 * `keyed` by the record key, `regrouped` through an internal topic, `stacked` two windows in one
 * task, `two-levels` two windows, each behind an internal topic.
 */
export type Program = 'keyed' | 'regrouped' | 'stacked' | 'two-levels'

export const PROGRAMS: readonly Program[] = ['keyed', 'regrouped', 'stacked', 'two-levels']
export const PARTITIONS: number = 3
export const RULES: Readonly<Record<'disorder' | 'grace' | 'size' | 'sizeBehind', number>> = {
  disorder: 1_500,
  grace: 500,
  size: 10_000,
  sizeBehind: 40_000,
}

/** The end of the last window that is asked for when the input alone closes windows. */
export const HORIZON: number = 10 * 3_600_000

/** A record of the input, in the order of its partition. */
export interface Fed {
  readonly id: number
  readonly user: string
  readonly amount: number
  readonly partition: number
  readonly timestamp: number
}

interface Window {
  readonly who: string
  readonly start: number
  readonly n: number
  readonly total: number
  /** Greatest event time in it. */
  readonly timestamp: number
}

/** A user is in the team of its first letter. */
export function teamOf(user: string): string {
  return user.slice(0, 1)
}

/** What the outputs hold: every value there is for a window, and ids as often as they came. */
export interface Found {
  readonly windows: ReadonlyMap<string, readonly string[]>
  readonly late: readonly number[]
}

export interface FoundRules {
  readonly program: Program
  /** Nothing comes twice. */
  readonly isOnce: boolean
  /** The clock may have made more records late than the input alone, and all windows closed. */
  readonly isDecided: boolean
}

/** What is wrong, a line each. */
export function findings(fed: readonly Fed[], found: Found, rules: FoundRules): string[] {
  const { program, isOnce, isDecided } = rules
  const wrong: string[] = []
  const lateByInput = lateOf(fed)
  const late = new Set(found.late)
  for (const id of lateByInput) if (!late.has(id)) wrong.push(`missing: late ${id}`)
  for (const id of late) if (!isDecided && !lateByInput.has(id)) wrong.push(`wrong: ${id} is late`)
  if (isOnce && late.size < found.late.length) wrong.push(`repeated: late ${found.late}`)
  const inTime = fed.filter(({ id }) => !(isDecided ? late : lateByInput).has(id))
  const expected = windowsOf(program, inTime, isDecided ? Number.POSITIVE_INFINITY : HORIZON)
  for (const [key, want] of expected) {
    const values = found.windows.get(key) ?? []
    if (values.length === 0) wrong.push(`missing: ${key} of ${want}`)
    if (isOnce && values.length > 1) wrong.push(`repeated: ${key}, ${values.length} times`)
  }
  for (const [key, values] of found.windows) {
    const want = expected.get(key)
    for (const got of values) if (got !== want) wrong.push(`wrong: ${key} is ${got}, not ${want}`)
  }
  return wrong
}

/** Ids of the records behind the watermark of their own partition: late whatever the clock says. */
function lateOf(fed: readonly Fed[]): Set<number> {
  const late = new Set<number>()
  const reached = new Map<number, number>()
  for (const { id, partition, timestamp } of fed) {
    const watermark = reached.get(partition) ?? Number.NEGATIVE_INFINITY
    reached.set(partition, Math.max(watermark, timestamp - RULES.disorder))
    if (startOf(timestamp, RULES.size) + RULES.size + RULES.grace <= watermark) late.add(id)
  }
  return late
}

/** `who@window start` to `n/total`, of all windows that end at `horizon` or before. */
function windowsOf(program: Program, fed: readonly Fed[], horizon: number): Map<string, string> {
  const rows = fed.map(({ user, amount, timestamp }) => ({ who: user, amount, timestamp }))
  const first = grouped(rows, RULES.size).filter(({ start }) => start + RULES.size <= horizon)
  if (program === 'keyed' || program === 'regrouped') return shown(first)
  const results = first.map(({ who, total, timestamp }) => ({
    who: program === 'stacked' ? who : teamOf(who),
    amount: total,
    timestamp,
  }))
  const behind = grouped(results, RULES.sizeBehind)
  return shown(behind.filter(({ start }) => start + RULES.sizeBehind <= horizon))
}

function grouped(
  rows: readonly { who: string; amount: number; timestamp: number }[],
  size: number,
): Window[] {
  const windows = new Map<string, Window>()
  for (const { who, amount, timestamp } of rows) {
    const start = startOf(timestamp, size)
    const before = windows.get(`${who}@${start}`)
    windows.set(`${who}@${start}`, {
      who,
      start,
      n: (before?.n ?? 0) + 1,
      total: (before?.total ?? 0) + amount,
      timestamp: Math.max(before?.timestamp ?? timestamp, timestamp),
    })
  }
  return [...windows.values()]
}

function shown(windows: readonly Window[]): Map<string, string> {
  return new Map(windows.map(({ who, start, n, total }) => [`${who}@${start}`, `${n}/${total}`]))
}

function startOf(timestamp: number, size: number): number {
  return Math.floor(timestamp / size) * size
}
