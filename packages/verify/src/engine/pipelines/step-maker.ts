/**
 * Makes single random steps: each with the point it starts from and the point it leads to. A step
 * that comes out is always one that a user may write at that point; where the columns do not allow
 * the one that was drawn there is none.
 */

import type { Random } from '../../random.ts'
import { type Column, KINDS, type Kind, NESTED, ODD_NAMES, randomCell } from './cell.ts'
import { type Expr, randomExpr } from './expression.ts'
import { keyed, type Point, passedNames, projected } from './point.ts'
import { type Computed, KEY_COLUMN, type Step } from './program.ts'

const EXPR_DEPTH = 3
/** What a group or a key can be of. */
export const GROUPABLE: readonly Kind[] = KINDS.filter(kind => !NESTED.includes(kind))

export class StepMaker {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** Null when the columns do not allow the step that was drawn. */
  step(at: Point): [Step, Point] | null {
    const random = this.#random
    switch (random.int(0, 11)) {
      case 0:
      case 1:
        return this.#where(at)
      case 2:
        return [{ kind: 'filter', column: this.watched(at) }, at]
      case 3:
        return this.#select(at)
      case 4:
      case 5:
        return this.#withColumns(at)
      case 6:
        return this.#drop(at)
      case 7:
        return this.renamed(at, random.some(at.columns, 1, 2))
      case 8:
        return this.#fillNull(at)
      case 9:
        return this.mapped(at, random.pick(['map', 'flatMap']), this.watched(at))
      case 10:
        return random.chance(0.3)
          ? [{ kind: 'tap', columns: at.columns }, at]
          : [{ kind: 'withHeaders', column: this.watched(at) }, at]
      default:
        return this.#withKey(at)
    }
  }

  expr(at: Point, kinds: readonly Kind[]): Expr | null {
    for (const kind of this.#random.shuffled(kinds)) {
      const expr = randomExpr(this.#random, at.columns, kind, EXPR_DEPTH)
      if (expr !== null) return expr
    }
    return null
  }

  #where(at: Point): [Step, Point] | null {
    const expr = randomExpr(this.#random, at.columns, 'boolean', EXPR_DEPTH)
    return expr === null ? null : [{ kind: 'where', expr }, at]
  }

  #computed(at: Point, names: readonly string[]): Computed[] {
    return names.flatMap(name => {
      const expr = this.expr(at, KINDS)
      return expr === null ? [] : [{ name, expr }]
    })
  }

  #select(at: Point): [Step, Point] {
    const kept = this.#random.some(at.columns, 1).map(({ name, kind, isNullable }): Computed => {
      return { name, expr: { op: 'column', name, type: { kind, isNullable } } }
    })
    const free = ODD_NAMES.filter(name => !kept.some(each => each.name === name))
    const columns = [...kept, ...this.#computed(at, this.#random.some(free, 0, 2))]
    const after = columns.map(each => this.resultColumn(at, each))
    return [{ kind: 'select', columns }, projected(at, after, passedNames(columns))]
  }

  #withColumns(at: Point): [Step, Point] | null {
    const names = this.#random.some(
      [...ODD_NAMES, ...at.columns.map(({ name }) => name).filter(name => name !== KEY_COLUMN)],
      1,
      2,
    )
    const columns = this.#computed(at, [...new Set(names)])
    if (columns.length === 0) return null
    const made = new Map(columns.map(each => [each.name, this.resultColumn(at, each)]))
    const kept = at.columns.map(column => made.get(column.name) ?? column)
    const added = [...made.values()].filter(({ name }) => at.columns.every(c => c.name !== name))
    const passed = new Map(at.columns.map(({ name }) => [name, name]))
    for (const { name, expr } of columns) {
      passed.delete(name)
      if (expr.op === 'column' && !passed.has(expr.name)) passed.set(expr.name, name)
    }
    return [{ kind: 'withColumns', columns }, projected(at, [...kept, ...added], passed)]
  }

  resultColumn(at: Point, { name, expr }: Computed): Column {
    const from = expr.op === 'column' ? at.columns.find(each => each.name === expr.name) : undefined
    return { name, ...expr.type, isSummable: from?.isSummable ?? false }
  }

  #drop(at: Point): [Step, Point] | null {
    if (at.columns.length < 2) return null
    const columns = this.#random.some(at.columns, 1, at.columns.length - 1)
    const kept = at.columns.filter(column => !columns.includes(column))
    const passed = new Map(kept.map(({ name }) => [name, name]))
    return [{ kind: 'drop', columns }, projected(at, kept, passed)]
  }

  renamed(at: Point, moved: readonly Column[]): [Step, Point] {
    const free = ODD_NAMES.filter(name => at.columns.every(column => column.name !== name))
    const to = this.#random.shuffled(free)
    const names = moved.map(({ name }, i) => [name, to[i] as string] as const)
    const passed = new Map([...at.columns.map(({ name }) => [name, name] as const), ...names])
    const columns = at.columns.map(each => ({ ...each, name: passed.get(each.name) as string }))
    return [{ kind: 'rename', columns: moved, names }, projected(at, columns, passed)]
  }

  #fillNull(at: Point): [Step, Point] | null {
    const fillable = at.columns.filter(({ kind }) => kind !== 'bytes' && !NESTED.includes(kind))
    if (fillable.length === 0) return null
    const values = this.#random
      .some(fillable, 1, 2)
      .map(column => [column, randomCell(this.#random, { ...column, isNullable: false })] as const)
    const filled = new Set(values.map(([{ name }]) => name))
    const columns = at.columns.map(each =>
      filled.has(each.name) ? { ...each, isNullable: false } : each,
    )
    const passed = new Map(
      at.columns.flatMap(({ name }) => (filled.has(name) ? [] : [[name, name] as const])),
    )
    return [{ kind: 'fillNull', values }, projected(at, columns, passed)]
  }

  mapped(at: Point, kind: 'map' | 'flatMap', column: Column): [Step, Point] {
    const random = this.#random
    const into = random.pick(ODD_NAMES)
    const made: Column = { name: into, kind: 'int32', isNullable: false, isSummable: true }
    const schema = [...at.columns.filter(({ name }) => name !== into), made]
    const step: Step = { kind, column, into, schema }
    return [step, projected(at, schema, new Map())]
  }

  /** A column for the user's function: mostly one with nulls. */
  watched({ columns }: Point): Column {
    const nullable = columns.filter(({ isNullable }) => isNullable)
    return this.#random.pick(nullable.length > 0 && this.#random.chance(0.7) ? nullable : columns)
  }

  freeName(taken: readonly string[]): string {
    return this.#random.pick(ODD_NAMES.filter(name => !taken.includes(name)))
  }

  #withKey(at: Point): [Step, Point] | null {
    const kinds = GROUPABLE.filter(kind => kind !== 'boolean')
    const expr = this.expr(at, kinds)
    if (expr === null) return null
    return [{ kind: 'withKey', expr }, keyed(at)]
  }
}
