/**
 * Compares what a story came to with what follows from its input alone.
 *
 * A result may be wrong, missing, or there more often than once. Under at-least-once the topic may
 * have it again, with the same value; the sink never.
 */
import type { Program } from './programs/program.ts'
import { HORIZON, type Sale } from './programs/sale.ts'
import { lateOf } from './programs/windows.ts'

/** A place where results went, with every value that came, by the name of the result. */
export interface Found {
  readonly where: string
  readonly results: ReadonlyMap<string, readonly string[]>
  /** Nothing comes twice. */
  readonly isOnce: boolean
  /**
   * What a process had in its buffer when it was stopped may arrive when its successor has written
   * what is newer, where outputs are in no transaction: so the last result need not be the newest.
   */
  readonly mayBeOvertaken?: boolean
}

export interface FoundLate {
  readonly ids: readonly number[]
  readonly isOnce: boolean
  /** The clock may have made more records late than the input alone, and all windows closed. */
  readonly isDecided: boolean
}

/** What is wrong, a line each. */
export function findings(
  program: Program,
  sales: readonly Sale[],
  found: readonly Found[],
  late: FoundLate,
): string[] {
  const lateByInput = program.partsLate ? lateOf(sales) : new Set<number>()
  const lateIds = new Set(late.ids)
  const isLate = late.isDecided ? lateIds : lateByInput
  const inTime = sales.filter(({ id }) => !isLate.has(id))
  const horizon = late.isDecided ? Number.POSITIVE_INFINITY : HORIZON
  const expected = program.expected(inTime, horizon)
  return [
    ...lateFindings(lateByInput, lateIds, late),
    ...found.flatMap(place => resultFindings(program, expected, place)),
  ]
}

function lateFindings(
  byInput: ReadonlySet<number>,
  ids: ReadonlySet<number>,
  late: FoundLate,
): string[] {
  const wrong: string[] = []
  for (const id of byInput) if (!ids.has(id)) wrong.push(`missing: late ${id}`)
  for (const id of ids) {
    if (!late.isDecided && !byInput.has(id)) wrong.push(`wrong: ${id} is late`)
  }
  if (late.isOnce && ids.size < late.ids.length) wrong.push(`repeated: late ${late.ids}`)
  return wrong
}

function resultFindings(
  program: Program,
  expected: ReadonlyMap<string, string>,
  { where, results, isOnce, mayBeOvertaken = false }: Found,
): string[] {
  const wrong: string[] = []
  for (const [name, want] of expected) {
    const values = results.get(name) ?? []
    if (values.length === 0) wrong.push(`missing in the ${where}: ${name} of ${want}`)
    if (!isOnce || !program.isFinal || values.length <= 1) continue
    wrong.push(`repeated in the ${where}: ${name}, ${values.length} times`)
  }
  for (const [name, values] of results) {
    const want = expected.get(name)
    if (!program.isFinal && mayBeOvertaken && values.includes(want as string)) continue
    const counted = program.isFinal ? values : values.slice(-1)
    for (const got of counted) {
      if (got !== want) wrong.push(`wrong in the ${where}: ${name} is ${got}, not ${want}`)
    }
  }
  return wrong
}
