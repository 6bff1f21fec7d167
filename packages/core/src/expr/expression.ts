/**
 * What a user holds after writing `c.amount.gt(50)`: an expression that is not yet, or already,
 * tied to a schema.
 *
 * One made from the columns of a frame is checked at each call, so a mistake is thrown at the line
 * that wrote it. One that starts at `col('amount')` is checked where it is used. Either way
 * `toExpr(schema)` gives the frozen, typed `Expr` the plan holds. The methods (`gt`, `mul`, …) are
 * in `fluent-expression.ts`, their types in `facets.ts`.
 */
import { inspect } from 'node:util'
import { MillraceError } from '../errors.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import type { Expr } from './expr.ts'
import { printExpr } from './print.ts'

/** `T` is the TypeScript type of a cell, with null when there may be none. */
export class Expression<T = unknown> {
  /** Only for the type checker: the type of a cell. */
  declare readonly cell: T
  readonly #resolve: (schema: Schema) => Expr
  readonly #schema: Schema | null
  #last: { readonly schema: Schema; readonly expr: Expr } | null = null

  /** @internal `schema` null = unbound; else the expression is checked against it at once. */
  constructor(resolve: (schema: Schema) => Expr, schema: Schema | null) {
    this.#resolve = resolve
    this.#schema = schema
    if (schema !== null) this.toExpr(schema)
  }

  /** @internal The schema an expression was made from; null for `col()` and `lit()`. */
  static schemaOf(expression: Expression): Schema | null {
    return expression.#schema
  }

  /**
   * The frozen expression over the columns of `schema`.
   * @throws UNKNOWN_COLUMN or TYPE_MISMATCH when it does not fit them.
   */
  toExpr(schema: Schema): Expr {
    if (this.#last?.schema === schema) return this.#last.expr
    const expr = this.#resolve(schema)
    this.#last = { schema, expr }
    return expr
  }

  /** `amount > 50 and note is null` */
  toString(): string {
    try {
      return printExpr(this.toExpr(this.#schema ?? OPEN_SCHEMA))
    } catch {
      return '(an expression that fits no schema)'
    }
  }

  /**
   * JavaScript's own operators can't build expressions: `c.a > 1` is refused instead of being
   * wrong.
   */
  [Symbol.toPrimitive](hint: 'string' | 'number' | 'default'): string {
    if (hint === 'string') return this.toString()
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${this} is an expression, not a value: operators such as > + === do not work on it. ` +
        'Use its methods: .gt(x), .add(x), .eq(x), .and(x).',
    )
  }

  static {
    // Not a plain method: isolatedDeclarations allows no computed name of another module.
    Object.defineProperty(Expression.prototype, inspect.custom, {
      value(this: Expression): string {
        return `Expression(${this})`
      },
    })
  }
}
