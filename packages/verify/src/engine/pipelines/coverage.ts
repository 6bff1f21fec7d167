/**
 * What pipelines have seen: operator × type of what it was given × value or null, and how many
 * pipelines had the operator at work.
 */
import { type Column, KINDS, type Kind } from './cell.ts'

/** What an operator was given: a cell of a kind, or a tombstone. */
type Given = Kind | 'tombstone'

interface Seen {
  values: number
  nulls: number
}

interface Row {
  readonly given: Map<Given, Seen>
  pipelines: number
  /** The last pipeline that had it. */
  last: number
}

export class Coverage {
  readonly #seen = new Map<string, Row>()
  /** Pipelines with a column of the kind in what they read. */
  readonly #columns = new Map<Kind, number>()
  #pipeline = 0

  /** Another pipeline, which reads these columns. */
  begin(columns: readonly Column[]): void {
    this.#pipeline++
    for (const kind of new Set(columns.map(column => column.kind))) {
      this.#columns.set(kind, (this.#columns.get(kind) ?? 0) + 1)
    }
  }

  see(operator: string, kind: Given, isNull: boolean): void {
    const { given } = this.meet(operator)
    const cell = given.get(kind) ?? { values: 0, nulls: 0 }
    given.set(kind, cell)
    if (isNull) cell.nulls++
    else cell.values++
  }

  /** The operator was at work. */
  meet(operator: string): Row {
    const row = this.#seen.get(operator) ?? { given: new Map(), pipelines: 0, last: 0 }
    this.#seen.set(operator, row)
    if (row.last !== this.#pipeline) row.pipelines++
    row.last = this.#pipeline
    return row
  }

  /** Cells that must be covered, by values and by nulls, and are not: `add int32 null`. */
  missing(required: Readonly<Record<string, readonly Kind[]>>): string[] {
    return Object.entries(required).flatMap(([operator, kinds]) =>
      kinds.flatMap(kind => {
        const cell = this.#seen.get(operator)?.given.get(kind)
        return [
          ...((cell?.values ?? 0) > 0 ? [] : [`${operator} ${kind} value`]),
          ...((cell?.nulls ?? 0) > 0 ? [] : [`${operator} ${kind} null`]),
        ]
      }),
    )
  }

  /** Of the operators, those that were given no tombstone. */
  missingTombstones(operators: readonly string[]): string[] {
    return operators.filter(operator => !this.#seen.get(operator)?.given.has('tombstone'))
  }

  /** A table: `vn` values and nulls seen, `v` values only, `n` nulls only. */
  toString(): string {
    const given: readonly Given[] = [...KINDS, 'tombstone']
    const widths = [14, 9, ...given.map(kind => kind.length)]
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd()
    const rows = [...this.#seen].sort(([left], [right]) => (left < right ? -1 : 1))
    return [
      line(['operator', 'pipelines', ...given]),
      line(['column read', `${this.#pipeline}`, ...KINDS.map(kind => this.#columnsOf(kind))]),
      ...rows.map(([operator, row]) =>
        line([operator, `${row.pipelines}`, ...given.map(kind => mark(row.given.get(kind)))]),
      ),
    ].join('\n')
  }

  #columnsOf(kind: Kind): string {
    return String(this.#columns.get(kind) ?? 0)
  }
}

function mark(seen: Seen | undefined): string {
  if (seen === undefined) return '·'
  return (seen.values > 0 ? 'v' : '') + (seen.nulls > 0 ? 'n' : '')
}
