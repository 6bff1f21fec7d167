import { type ChildProcess, fork } from 'node:child_process'
import { MillraceError } from '../../errors.ts'
import { environmentOf, type ProcessPlace } from './process-place.ts'

/** Each would want the port of the first. */
const INSPECTED = /^--inspect/

/**
 * Starts the program of this process once more, with its arguments and Node's, on the same standard
 * output and error.
 *
 * @throws NOT_SUPPORTED where there is no file of it.
 */
export function startProcess(place: ProcessPlace): ChildProcess {
  const [, program, ...args] = process.argv
  if (program === undefined) {
    throw new MillraceError(
      'NOT_SUPPORTED',
      'run({ processes }) starts the file of the program once more for each process, and this ' +
        'program is no file. Put it into one: node app.js.',
    )
  }
  return fork(program, args, {
    env: { ...process.env, ...environmentOf(place) },
    execArgv: process.execArgv.filter(option => !INSPECTED.test(option)),
    serialization: 'advanced',
  })
}
