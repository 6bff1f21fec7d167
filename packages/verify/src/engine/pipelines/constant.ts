import type { Random } from '../../random.ts'
import { type Cell, EPOCH, type Kind } from './cell.ts'
import type { Expr } from './expression.ts'

export function literal(kind: Kind, value: Cell): Expr {
  return { op: 'literal', value, type: { kind, isNullable: false } }
}

/** A value that columns of the kind are compared with, or filled by. */
export function constant(random: Random, kind: Kind): Expr {
  const value: Cell =
    kind === 'string'
      ? random.pick(['a', 'b', '', '\uffee', '😀'])
      : kind === 'bytes'
        ? Buffer.from(random.pick(['00', 'ff', '']), 'hex')
        : kind === 'decimal'
          ? random.pick(['9.5', '10', '-0.05', '100.50', 7, 0n])
          : kind === 'timestamp'
            ? EPOCH + random.int(-5_000, 5_000)
            : kind === 'int64'
              ? random.pick([5n, 2n ** 53n + 1n, 0n])
              : random.int(-2, 12)
  return literal(kind, value)
}

/** An operand of arithmetic. */
export function whole(random: Random, kind: Kind): Expr {
  const value = random.int(-3, 1_000)
  return literal(kind, kind === 'int64' && random.chance(0.5) ? BigInt(value) : value)
}
