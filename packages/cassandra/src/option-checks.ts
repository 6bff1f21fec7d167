/** Checks of options; what is wrong is thrown at the line where it was written. */
import { didYouMean, MillraceError } from '@millrace/core'
import { types } from 'cassandra-driver'

export type ConsistencyName =
  | 'any'
  | 'one'
  | 'two'
  | 'three'
  | 'quorum'
  | 'all'
  | 'localQuorum'
  | 'eachQuorum'
  | 'localOne'

/** @param what whose options: `table` */
export function checkNames(what: string, options: object, known: object): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const near = didYouMean(name, Object.keys(known))
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${what} has no option ${JSON.stringify(name)}.${near}`,
    )
  }
}

export function consistencyOf(name: string): number {
  const code = (types.consistencies as unknown as Record<string, number>)[name]
  const isForWrites = code !== undefined && !name.toLowerCase().includes('serial')
  if (isForWrites) return code
  throw wrong(`consistency is one, quorum, localQuorum, all, …; got ${JSON.stringify(name)}`)
}

export function oneOf<const T extends string>(
  name: string,
  value: string,
  values: readonly T[],
): T {
  if ((values as readonly string[]).includes(value)) return value as T
  throw wrong(`${name} is one of ${values.join(', ')}; got ${JSON.stringify(value)}`)
}

export function atLeast(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw wrong(`${name} is a whole number from ${least} on; got ${JSON.stringify(value)}`)
}

export function wrong(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `${text}.`)
}
