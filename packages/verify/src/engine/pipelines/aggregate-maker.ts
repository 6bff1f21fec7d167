/**
 * Makes the aggregates of a window, and the columns that come of them. Sums of whole numbers are
 * only of columns that cannot make them overflow, as that stops a run.
 * Which columns those are is followed from step to step (`isSummable`).
 */

import type { Random } from '../../random.ts'
import { type Column, type ColumnType, isNumeric, KINDS, type Kind, ODD_NAMES } from './cell.ts'
import type { Expr } from './expression.ts'
import type { Point } from './point.ts'
import type { Aggregate } from './program.ts'
import { GROUPABLE, type StepMaker } from './step-maker.ts'

/** What a window must have. */
export interface Wanted {
  readonly groupBy?: readonly string[]
  readonly fn?: Aggregate['fn']
  readonly input?: Expr
}

export class AggregateMaker {
  readonly #random: Random
  readonly #steps: StepMaker

  constructor(random: Random, steps: StepMaker) {
    this.#random = random
    this.#steps = steps
  }

  aggregates(at: Point, taken: readonly string[], { fn, input }: Wanted): Aggregate[] {
    const free = this.#random.shuffled(ODD_NAMES.filter(name => !taken.includes(name)))
    const made = free.slice(0, this.#random.int(1, 4)).map(name => this.#aggregate(at, name))
    if (fn !== undefined && input !== undefined) made.push({ name: free[5] as string, fn, input })
    return made.every(each => each.fn !== 'count' || each.input !== null) && made.length < 4
      ? [...made, { name: free[4] as string, fn: 'count', input: null }]
      : made
  }

  #aggregate(at: Point, name: string): Aggregate {
    const random = this.#random
    const fn = random.pick(['count', 'count', 'sum', 'sum', 'mean', 'min', 'max'] as const)
    if (fn === 'count' && random.chance(0.7)) {
      const { name: counted, kind, isNullable } = this.#steps.watched(at)
      return { name, fn, input: { op: 'column', name: counted, type: { kind, isNullable } } }
    }
    const input = fn === 'sum' ? this.#summand(at) : this.#steps.expr(at, INPUTS[fn])
    return input === null ? { name, fn: 'count', input: null } : { name, fn, input }
  }

  /** Sums of whole numbers that cannot overflow: a sum that does stops the run. */
  #summand(at: Point): Expr | null {
    const columns = at.columns.filter(
      ({ kind, isSummable }) => (isNumeric(kind) || kind === 'decimal') && isSummable,
    )
    if (columns.length > 0 && this.#random.chance(0.7)) {
      const { name, kind, isNullable } = this.#random.pick(columns)
      return { op: 'column', name, type: { kind, isNullable } }
    }
    return this.#steps.expr(at, ['float64'])
  }
}

const INPUTS: Readonly<Record<'count' | 'mean' | 'min' | 'max', readonly Kind[]>> = {
  count: KINDS,
  mean: ['int32', 'int64', 'safe', 'float64', 'decimal'],
  min: GROUPABLE,
  max: GROUPABLE,
}

const TIME = { kind: 'timestamp', isNullable: false, isSummable: false } as const
export const WINDOW_COLUMNS: readonly Column[] = [
  { name: 'window_start', ...TIME },
  { name: 'window_end', ...TIME },
]

export function reducedColumn(name: string): Column {
  return { name, kind: 'int32', isNullable: false, isSummable: false }
}

export function resultOf(at: Point): (aggregate: Aggregate) => Column {
  return ({ name, fn, input }) => ({
    name,
    ...resultType(fn, input?.type ?? null),
    isSummable: fn === 'count' && at.windows === 0,
  })
}

function resultType(fn: Aggregate['fn'], input: ColumnType | null): ColumnType {
  if (fn === 'count' || input === null) return { kind: 'safe', isNullable: false }
  if (fn === 'mean') return { kind: 'float64', isNullable: true }
  const isSmall = fn === 'sum' && input.kind === 'int32'
  return { kind: isSmall ? 'safe' : input.kind, isNullable: true }
}
