import type { Random } from '../../random.ts'
import type { Column, Kind } from './cell.ts'
import type { Expr } from './expression.ts'

/** Null where an argument could not be made. */
export function call(name: string, kind: Kind, args: readonly (Expr | null)[]): Expr | null {
  if (args.includes(null)) return null
  const all = args as readonly Expr[]
  return { op: 'call', name, args: all, type: { kind, isNullable: all.some(isNullable) } }
}

export function isNullable({ type }: Expr): boolean {
  return type.isNullable
}

/** Null where there is none of the kind. */
export function columnOf(random: Random, columns: readonly Column[], kind: Kind): Expr | null {
  const fitting = columns.filter(each => each.kind === kind)
  if (fitting.length === 0) return null
  const { name, isNullable } = random.pick(fitting)
  return { op: 'column', name, type: { kind, isNullable } }
}
