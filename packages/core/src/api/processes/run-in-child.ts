import type { StateStats } from '../../state/state-backend.ts'
import type { ApplicationStatus } from '../status.ts'
import {
  type SaidByChild,
  type SentError,
  sentError,
  type ToldToChild,
} from './process-messages.ts'

const STATUS_MS = 500

/** The application, of which only this is needed. */
export interface Stoppable {
  stop(): void
  status(): ApplicationStatus
  stateStats(): Promise<StateStats | null>
}

/**
 * The run of one process of several: tells the one that started it how it goes and ends, and ends
 * this process with it. When nobody is there any more to be told, it stops in order.
 *
 * @param execute the run; resolves after a graceful end.
 */
export async function runInChild(app: Stoppable, execute: () => Promise<void>): Promise<never> {
  process.on('message', async (told: Partial<ToldToChild>) => {
    if (told?.millrace === 'stop') app.stop()
    if (told?.millrace !== 'stats') return
    const stats = await app.stateStats().catch(() => null)
    await say({ millrace: 'stats', call: (told as { call: number }).call, stats })
  })
  process.on('disconnect', () => app.stop())
  const tell = (): Promise<void> => say({ millrace: 'status', status: app.status() })
  const timer = setInterval(tell, STATUS_MS)
  const ended = execute().then(
    () => null,
    (thrown): SentError => sentError(thrown),
  )
  // Who started it may be gone before it came to run.
  if (!process.connected) app.stop()
  const error = await ended
  clearInterval(timer)
  await say({ millrace: 'ended', error })
  process.exit(error === null ? 0 : 1)
}

/** Resolves when it is on its way, or never will be. */
function say(said: SaidByChild): Promise<void> {
  return new Promise(resolve => {
    if (process.connected) process.send?.(said, undefined, undefined, () => resolve())
    else resolve()
  })
}
