/**
 * What is known while the body of a loop is written: its lines so far, the columns it reads, the
 * constants and readers it is given.
 *
 * Columns are loaded into locals in front of the loop: `v3` values, `n3` validity, and so on. Which
 * columns have nulls in the batch at hand is known then, so a test for null is written only where
 * there may be one. Constants are named `kN`, readers of the interpreter `rN`.
 */
import { type Batch, cellOf } from '../../batch/batch.ts'
import type { CellValue } from '../../batch/column.ts'
import { callsFunction } from '../children.ts'
import { columnsRead } from '../columns-read.ts'
import { evaluator } from '../evaluate.ts'
import type { ColumnExpr, Expr } from '../expr.ts'
import { holdingOf, type Value } from './value.ts'

export type BoundReader = (index: number) => CellValue

/** A name at this point of the stage: computed in front of it, or a column of the input. */
export type Binding = Value | ColumnExpr
export type Bindings = ReadonlyMap<string, Binding>

export class Emitter {
  readonly lines: string[] = []
  readonly columns: ColumnExpr[] = []
  readonly constants: unknown[] = []
  readonly readers: ((batch: Batch) => BoundReader)[] = []
  /** What names mean; null = they are the columns of the input. */
  bindings: Bindings | null = null
  /** Something is called that may throw. */
  mayThrow = false
  readonly #hasNulls: (column: ColumnExpr) => boolean
  #names = 0

  /** @param hasNulls whether a column has, in the batches this code is for. */
  constructor(hasNulls: (column: ColumnExpr) => boolean) {
    this.#hasNulls = hasNulls
  }

  push(line: string): void {
    this.lines.push(line)
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** A local with the value of an expression. */
  local(code: string): string {
    if (/^[\w.]+$/.test(code)) return code
    const name = this.name('t')
    this.push(`const ${name} = ${code};`)
    return name
  }

  /** The value with its code and its test for null in locals, so that they may be used often. */
  held(value: Value): Value {
    const isNull = value.isNull === null ? null : this.local(value.isNull)
    return { ...value, code: this.local(value.code), isNull }
  }

  constant(value: unknown): string {
    const known = this.constants.indexOf(value)
    return `k${known >= 0 ? known : this.constants.push(value) - 1}`
  }

  /** The record goes to the interpreter where `condition` is true and the cell is not null. */
  fault(condition: string, isNull: string | null): void {
    this.push(`if (${isNull === null ? '' : `!(${isNull}) && `}(${condition})) break fault;`)
  }

  /** The code of a value; a 64-bit integer that a double does not hold exactly is a fault. */
  exact(value: Value): string {
    if (value.holding !== 'bigint' || value.halves === undefined) return value.code
    const { high } = value.halves
    this.fault(`${high} < -2097152 || ${high} > 2097151`, value.isNull)
    return this.local(value.code)
  }

  /** A column of the input, loaded in front of the loop. */
  column(expr: ColumnExpr): Value {
    const { name, type } = expr
    const holding = holdingOf(type)
    if (holding === 'any') return this.read(expr)
    let at = this.columns.findIndex(column => column.name === name && column.type.sameKind(type))
    if (at < 0) at = this.columns.push(expr) - 1
    const isNull = this.#hasNulls(this.columns[at] as ColumnExpr)
      ? `(n${at}[i >>> 3] >>> (i & 7) & 1) === 0`
      : null
    if (holding === 'boolean') {
      return { holding, code: `((v${at}[i >>> 3] >>> (i & 7) & 1) === 1)`, isNull }
    }
    if (holding === 'text') {
      const bytes = { data: `d${at}`, start: `s${at}[i]`, size: `z${at}[i]` }
      return { holding, code: `c${at}.get(i)`, isNull, bytes }
    }
    if (type.kind === 'float64') return { holding, code: `v${at}[i]`, isNull, mayBeNaN: true }
    if (type.kind === 'int32') return { holding, code: `v${at}[i]`, isNull, isWhole: true }
    const high = `w${at}[2 * i + 1]`
    const low = `(w${at}[2 * i] >>> 0)`
    const code = `(${high} * 4294967296 + ${low})`
    return { holding, code, isNull, isWhole: true, halves: { high, low } }
  }

  /**
   * What the interpreter gives for an expression; null where it reads names that are not columns
   * of the input, or calls a user's function, which must be called once.
   */
  interpreted(expr: Expr): Value | null {
    const { bindings } = this
    if (callsFunction(expr)) return null
    if (bindings !== null) {
      const read = columnsRead(expr)
      if (read === 'all') return null
      const isInput = (name: string): boolean => {
        const bound = bindings.get(name)
        return bound !== undefined && 'kind' in bound && bound.name === name
      }
      if (!read.every(isInput)) return null
    }
    return this.read(expr)
  }

  private read(expr: Expr): Value {
    const { type } = expr
    const holding = holdingOf(type)
    const bind =
      expr.kind === 'column'
        ? (batch: Batch) => (index: number) => cellOf(batch, expr.name, index)
        : evaluator(expr)
    const at = this.readers.push(bind) - 1
    this.mayThrow = true
    const cell = this.local(`r${at}(i)`)
    const isNull = `${cell} === null`
    if (holding !== 'bigint') return { holding, code: cell, isNull, mayBeNaN: true }
    this.fault(`${cell} > 9007199254740991n || ${cell} < -9007199254740991n`, isNull)
    const code = this.local(`${isNull} ? 0 : Number(${cell})`)
    return { holding, code, isNull, isWhole: true }
  }
}
