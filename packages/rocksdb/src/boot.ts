import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** Clocks and their rounding may differ by this much within one boot. */
const TOLERANCE_S = 5

/**
 * Names the time since the machine was started: what a process has written is with the system as
 * long as this is the same, on the disk or not yet.
 */
export function bootOf(read: (path: string) => string = readText): string {
  try {
    const id = read('/proc/sys/kernel/random/boot_id').trim()
    if (id !== '') return id
  } catch {
    // Not Linux.
  }
  return `since ${Math.round(Date.now() / 1000 - uptime())}`
}

/** Where there is only a time to go by, some seconds more or less are the same. */
export function isSameBoot(left: string, right: string): boolean {
  const [from, to] = [secondsOf(left), secondsOf(right)]
  if (from === null || to === null) return left === right
  return Math.abs(from - to) <= TOLERANCE_S
}

function secondsOf(boot: string): number | null {
  const seconds = /^since (\d+)$/.exec(boot)?.[1]
  return seconds === undefined ? null : Number(seconds)
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}
