/**
 * `c` in `where(c => c.amount.gt(50))`: the columns of a schema as properties.
 *
 * Any name is a column, `then`, `constructor` and `__proto__` too; a name that is not one throws at
 * the user's line. The declared columns can be spread: `select(c => ({ ...c, b: c.a.add(1) }))`.
 * Symbols are not columns, so inspection and tests that look at the object work.
 */
import { inspect } from 'node:util'
import { MillraceError } from '../errors.ts'
import type { Schema } from '../schema/schema.ts'
import type { Columns } from './facets.ts'
import { columnExpression, type FluentExpression } from './fluent-expression.ts'

export function columnsOf<Row>(schema: Schema<Row>): Columns<Row> {
  const known = new Map<string, FluentExpression>()
  const columnAt = (name: string): FluentExpression => {
    const column = known.get(name) ?? columnExpression(schema, name)
    known.set(name, column)
    return column
  }
  const handler: ProxyHandler<object> = {
    get: (target, name) => (typeof name === 'string' ? columnAt(name) : Reflect.get(target, name)),
    has: (target, name) =>
      typeof name === 'string' ? schema.isOpen || schema.has(name) : Reflect.has(target, name),
    ownKeys: () => [...schema.names],
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === 'string' && schema.has(name)
        ? { value: columnAt(name), enumerable: true, configurable: true, writable: false }
        : undefined,
    set: refuseChange,
    defineProperty: refuseChange,
    deleteProperty: refuseChange,
  }
  return new Proxy(inspectable(schema), handler) as Columns<Row>
}

/** What `console.log(c)` shows; it looks at the target, past the handler. */
function inspectable(schema: Schema): object {
  const target = Object.create(null) as object
  return Object.defineProperty(target, inspect.custom, {
    value: () => `Columns ${schema}`,
    configurable: true,
  })
}

function refuseChange(_: object, name: string | symbol): never {
  throw new MillraceError(
    'INVALID_ARGUMENT',
    'columns cannot be set; return the new one instead: ' +
      `withColumns(c => ({ ${String(name)}: … })).`,
  )
}
