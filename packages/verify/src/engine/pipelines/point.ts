/** What is known at a point of a generated chain, and how steps change it. */
import type { Column } from './cell.ts'
import type { Computed, OutputKey, OutputOrder } from './program.ts'

/** What is known at a point of the chain. */
export interface Point {
  readonly columns: readonly Column[]
  readonly key: OutputKey
  /** Columns the record key holds; null = not known. */
  readonly keyColumns: readonly string[] | null
  /** `window` without `groupBy` may follow. */
  readonly isPartitioned: boolean
  readonly order: OutputOrder
  readonly windows: number
  readonly isLate: boolean
}

/** A select's columns that pass as they are: old name to new. */
export function passedNames(columns: readonly Computed[]): ReadonlyMap<string, string> {
  const passed = new Map<string, string>()
  for (const { name, expr } of columns) {
    if (expr.op === 'column' && !passed.has(expr.name)) passed.set(expr.name, name)
  }
  return passed
}

/** Behind `withKey`: windows by key would need records of equal keys in one partition. */
export function keyed(at: Point): Point {
  const key = { kind: 'pass' } as const
  return { ...at, key, keyColumns: null, isPartitioned: false, order: loose(at) }
}

/** Behind a group, equal keys may come from several tasks once the key is another. */
function loose({ order, isLate, windows }: Point): OutputOrder {
  return isLate || windows > 0 ? 'none' : order
}

/** The point behind a projection; a key whose columns do not all pass is known no more. */
export function projected(
  at: Point,
  columns: readonly Column[],
  passed: ReadonlyMap<string, string>,
): Point {
  const named = (names: readonly string[]): Column[] | null => {
    const found = names.map(name => columns.find(each => each.name === passed.get(name)))
    return found.every(each => each !== undefined) ? (found as Column[]) : null
  }
  const { key, keyColumns } = at
  const keyed = keyColumns === null ? null : named(keyColumns)
  const grouped = key.kind === 'columns' ? named(key.columns.map(({ name }) => name)) : null
  const isUnknown = key.kind === 'unknown' || (key.kind === 'columns' && grouped === null)
  return {
    ...at,
    columns,
    order: isUnknown ? loose(at) : at.order,
    keyColumns: keyed?.map(({ name }) => name) ?? null,
    key:
      key.kind !== 'columns'
        ? key
        : grouped === null
          ? { kind: 'unknown' }
          : { kind: 'columns', columns: grouped },
  }
}
