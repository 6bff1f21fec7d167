/**
 * Finds the conditions that a callback over columns makes and does not use.
 *
 * An expression is an object, always true to JavaScript, so `a.gt(1) && b.isNull()` is only its
 * right side, and no operator can be caught doing it. What can be seen is the left side: made, and
 * in nothing. (`a || b` never makes its right side, and cannot be found.)
 */
import type { Expression } from './expression.ts'

/** What the callback under way has made and not used so far; null = no callback is under way. */
let waiting: Set<Expression> | null = null

/** A call made an expression of others. */
export function noteMade(made: Expression, operands: readonly Expression[]): void {
  if (waiting === null) return
  for (const operand of operands) waiting.delete(operand)
  waiting.add(made)
}

/** Runs a callback over columns; `made` is what it made and put into no other expression. */
export function watchCallback<T>(callback: () => T): { result: T; made: ReadonlySet<Expression> } {
  const outer = waiting
  const made = new Set<Expression>()
  waiting = made
  try {
    return { result: callback(), made }
  } finally {
    waiting = outer
  }
}
