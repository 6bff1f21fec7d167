import type { Application } from '@millrace/core'
import { type Happening, nowUs } from './watch.ts'

const LOOK_MS = 20

/** Tells of each commit. To the end of the process. */
export function watchCommits(app: Application, tell: (happening: Happening) => void): void {
  let last = -1
  setInterval(() => {
    const commit = app.status().lastCommit
    if (commit === null || commit.epoch === last) return
    last = commit.epoch
    const [slowest] = Object.entries(commit.steps).sort(([, one], [, two]) => two - one)
    const fromUs = nowUs() - (Date.now() - commit.at) * 1_000
    const what = `a commit, above all its step ${slowest?.[0]}`
    tell({ who: 'Millrace', what, fromUs, untilUs: fromUs + commit.ms * 1_000 })
  }, LOOK_MS).unref()
}
