/**
 * An application with open windows, committed: what `restore` and `restart` begin with.
 *
 * Windows are an hour and stay open an hour more. The first hour has a few users, the second as
 * many as are asked for; the newest record is of the second hour, so both are open.
 */
import type { Guarantee } from '@millrace/core'
import type { Job } from './job.ts'
import type { InputRecord, Lab } from './lab.ts'

export const HOUR_MS = 3_600_000
export const BASE = 1_750_000_000_000 - (1_750_000_000_000 % HOUR_MS)
export const USERS_BEFORE = 1_000

export interface OpenWindows {
  readonly job: Omit<Job, 'bootstrap'>
  readonly recordCount: number
}

/** Reads the input, commits, and is killed. @param users of the second hour. */
export async function makeOpenWindows(
  lab: Lab,
  guarantee: Guarantee,
  users: number,
): Promise<OpenWindows> {
  const input = await lab.newTopic('input')
  const id = lab.newName('windows')
  const job = {
    id,
    input,
    output: await lab.newTopic('output'),
    pipeline: 'totals',
    window: '1h',
    grace: '1h',
    guarantee,
    commitIntervalMs: 1000,
    stateFolder: lab.stateFolder(id),
    isBounded: false,
    sampleMs: 20,
  } as const
  await lab.write(input, records(users))
  const recordCount = USERS_BEFORE + users
  const program = lab.run(job)
  const read = await program.until(({ status }) => status.tasks[0]?.position === recordCount)
  const { epochs } = read.status
  await program.until(({ status: { lastCommit, stateMemory } }) => {
    const isCommitted = lastCommit !== null && lastCommit.epoch >= epochs
    return isCommitted && stateMemory?.heldBytes === 0
  })
  await program.kill()
  return { job, recordCount }
}

export function userOf(i: number): string {
  return `user-${i}`
}

export function amountOf(i: number): number {
  return i % 100
}

function* records(users: number): Generator<InputRecord> {
  for (let i = 0; i < USERS_BEFORE; i++) {
    yield { user: userOf(i), amount: amountOf(i), note: '', timestamp: BASE + i }
  }
  for (let i = 0; i < users; i++) {
    const timestamp = BASE + HOUR_MS + Math.floor(i / 1_000)
    yield { user: userOf(i), amount: amountOf(i), note: '', timestamp }
  }
}
