/** What this process is to a run in several, and which runs can't be in several. */
import type { Pipeline } from '../../compile/compile.ts'
import { MillraceError } from '../../errors.ts'
import type { Transport } from '../../transport/transport.ts'
import { placeOfThisProcess } from './process-place.ts'

/** As many as state has slots on one machine. */
const PROCESSES_MAX = 256

/**
 * `alone`: it runs everything. `parent`: it starts the others and runs nothing. `child`: it was
 * started for this application. `bystander`: it was started for another one of the same program.
 */
export type ProcessRole = 'alone' | 'parent' | 'child' | 'bystander'

/** @throws INVALID_ARGUMENT */
export function roleOf(applicationId: string, processes: number): ProcessRole {
  if (!Number.isSafeInteger(processes) || processes < 1 || processes > PROCESSES_MAX) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `processes must be a whole number from 1 to ${PROCESSES_MAX}; got ` +
        `${JSON.stringify(processes)}.`,
    )
  }
  if (processes === 1) return 'alone'
  const place = placeOfThisProcess()
  if (place === null) return 'parent'
  return place.applicationId === applicationId ? 'child' : 'bystander'
}

/**
 * In several processes the group divides the partitions of topics: there has to be a group, and
 * nothing but topics to read.
 *
 * @throws NOT_SUPPORTED
 */
export function checkShared(
  { subTopologies }: Pipeline,
  { abilities, name }: Transport,
  isBounded: boolean,
): void {
  if (isBounded) {
    throw notShared(
      "until: 'end' is for one process",
      'a process that is done leaves the others to read on. Leave out processes, or until',
    )
  }
  if (subTopologies.some(({ input }) => input.kind === 'local')) {
    throw notShared(
      'a source outside Kafka is read by one process',
      'each of several would read all of it. Leave out processes, or write it to a topic first',
    )
  }
  if (!abilities.durable) {
    throw notShared(
      `${name} is inside of one process`,
      'the others would have topics of their own. Use kafka({ … })',
    )
  }
}

function notShared(what: string, why: string): MillraceError {
  return new MillraceError('NOT_SUPPORTED', `run({ processes }): ${what}: ${why}.`)
}
