import type { Sample } from './job.ts'

/** Records per second between the first record and the last. */
export function rateOf(samples: readonly Sample[]): number {
  const reached = samples.map(sample => ({ at: sample.sinceStartMs, position: positionOf(sample) }))
  const first = reached.find(({ position }) => position > 0)
  // The last samples may be of a run that has closed its tasks.
  const most = Math.max(...reached.map(({ position }) => position))
  const last = reached.find(({ position }) => position === most)
  if (first === undefined || last === undefined) return Number.NaN
  return ((last.position - first.position) * 1000) / (last.at - first.at)
}

function positionOf({ status }: Sample): number {
  return status.tasks[0]?.position ?? 0
}
