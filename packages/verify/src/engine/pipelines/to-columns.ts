import { when } from '@millrace/core'
import { dataType } from './cell.ts'
import type { Expr } from './expression.ts'

/** The expression over the engine's columns. */
export function toColumns(expr: Expr, columns: Readonly<Record<string, Fluent>>): unknown {
  if (expr.op === 'column') return columns[expr.name]
  if (expr.op === 'literal') {
    return expr.type.kind === 'timestamp' ? new Date(expr.value as number) : expr.value
  }
  const { name, type } = expr
  const args = expr.args.map(arg => toColumns(arg, columns))
  if (name === 'when') return toWhen(args)
  const [receiver, ...rest] = args as [Fluent, ...unknown[]]
  const method = (receiver[name] as (...args: unknown[]) => unknown).bind(receiver)
  if (name === 'as') return method(dataType({ ...type, isNullable: false }))
  return name === 'isIn' ? method(rest) : method(...rest)
}

/** A column of the engine with whatever methods it has. */
export type Fluent = Readonly<Record<string, unknown>>

interface WhenChain {
  then(value: unknown): WhenChain
  when(condition: unknown): WhenChain
  otherwise(value: unknown): unknown
}

function toWhen(args: readonly unknown[]): unknown {
  let chain: WhenChain | null = null
  for (let i = 0; i + 1 < args.length; i += 2) {
    const next: WhenChain =
      chain === null
        ? (when(args[i] as never) as unknown as WhenChain)
        : (chain as WhenChain).when(args[i])
    chain = next.then(args[i + 1])
  }
  return chain?.otherwise(args.at(-1))
}
