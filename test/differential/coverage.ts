/**
 * What a run of the differential has seen: operator × type of what it was given × value or null.
 */
import { KINDS, type Kind } from './cell.ts'

/** What an operator was given: a cell of a kind, or a tombstone. */
type Given = Kind | 'tombstone'

interface Seen {
  values: number
  nulls: number
}

export class Coverage {
  readonly #seen = new Map<string, Map<Given, Seen>>()

  see(operator: string, kind: Given, isNull: boolean): void {
    const row = this.#seen.get(operator) ?? new Map<Given, Seen>()
    this.#seen.set(operator, row)
    const cell = row.get(kind) ?? { values: 0, nulls: 0 }
    row.set(kind, cell)
    if (isNull) cell.nulls++
    else cell.values++
  }

  /** Cells that must be covered, by values and by nulls, and are not: `add int32 null`. */
  missing(required: Readonly<Record<string, readonly Kind[]>>): string[] {
    return Object.entries(required).flatMap(([operator, kinds]) =>
      kinds.flatMap(kind => {
        const cell = this.#seen.get(operator)?.get(kind)
        return [
          ...((cell?.values ?? 0) > 0 ? [] : [`${operator} ${kind} value`]),
          ...((cell?.nulls ?? 0) > 0 ? [] : [`${operator} ${kind} null`]),
        ]
      }),
    )
  }

  /** Of the operators, those that were given no tombstone. */
  missingTombstones(operators: readonly string[]): string[] {
    return operators.filter(operator => !this.#seen.get(operator)?.has('tombstone'))
  }

  /** A table: `vn` values and nulls seen, `v` values only, `n` nulls only. */
  toString(): string {
    const given: readonly Given[] = [...KINDS, 'tombstone']
    const widths = [12, ...given.map(kind => kind.length)]
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd()
    const rows = [...this.#seen].sort(([left], [right]) => (left < right ? -1 : 1))
    return [
      line(['operator', ...given]),
      ...rows.map(([operator, kinds]) =>
        line([operator, ...given.map(kind => mark(kinds.get(kind)))]),
      ),
    ].join('\n')
  }
}

function mark(seen: Seen | undefined): string {
  if (seen === undefined) return '·'
  return (seen.values > 0 ? 'v' : '') + (seen.nulls > 0 ? 'n' : '')
}
