/** What a process and all below it have used, from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs'

/** Of /proc/PID/stat; USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

export interface Usage {
  readonly cpuSeconds: number
  /** Resident memory at this moment. */
  readonly rssBytes: number
}

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly cpuTicks: number
  readonly pages: number
}

/** @param root process id. Children that have ended count once their parents waited for them. */
export function usageOfTree(root: number): Usage {
  const stats = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => statOf(Number(pid)) ?? [])
  const inTree = new Set([root])
  for (let before = 0; before < inTree.size; ) {
    before = inTree.size
    for (const { pid, parent } of stats) if (inTree.has(parent)) inTree.add(pid)
  }
  const own = stats.filter(({ pid }) => inTree.has(pid))
  return {
    cpuSeconds: own.reduce((ticks, stat) => ticks + stat.cpuTicks, 0) / TICKS_PER_SECOND,
    rssBytes: own.reduce((pages, stat) => pages + stat.pages, 0) * PAGE_BYTES,
  }
}

/** Null when it has ended. */
function statOf(pid: number): Stat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return null
  }
}

/** `PID (name) state ppid …`; the name may hold spaces and brackets. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (field: number): number => Number(fields[field - 3])
  return {
    pid: Number.parseInt(text, 10),
    parent: number(4),
    // User and system time, of itself (14, 15) and of children waited for (16, 17).
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    pages: number(24),
  }
}
