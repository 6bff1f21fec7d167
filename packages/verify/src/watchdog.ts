/**
 * Ends what its parent has started when the parent has ended in whatever way: the pipe between the
 * two closes then, also after SIGKILL. A program of its own; processes that are stopped are ended
 * too, which could not end themselves.
 *
 * Lines: `+ PID`, `- PID` (has ended), `folder PATH` (is deleted at the end), `done` (nothing to
 * do).
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const pids = new Set<number>()
const folders = new Set<string>()
const lifetimeMs = Number(process.argv[2])

for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {})
createInterface({ input: process.stdin })
  .on('line', line => {
    const [word = '', ...rest] = line.split(' ')
    if (word === '+') pids.add(Number(rest[0]))
    else if (word === '-') pids.delete(Number(rest[0]))
    else if (word === 'folder') folders.add(rest.join(' '))
    else process.exit(0)
  })
  .on('close', end)
setTimeout(end, lifetimeMs)

function end(): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
}
