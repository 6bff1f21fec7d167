/** What an aggregate gives for the cells of its group and window. */
import type { Cell, Kind } from './cell.ts'
import { hundredthsText, millionths } from './decimal-oracle.ts'
import { exactMean, exactSum } from './exact.ts'
import type { Expr } from './expression.ts'
import { orderOf } from './expression-oracle.ts'
import type { Aggregate } from './program.ts'

export function aggregated({ fn, input }: Aggregate, inputs: readonly Cell[]): Cell {
  const present = inputs.filter(cell => cell !== null)
  if (fn === 'count') return present.length
  if (present.length === 0) return null
  if (fn === 'mean' && input?.type.kind === 'decimal') {
    return exactMean(present.map(millionths), 1_000_000n)
  }
  if (fn === 'mean') return exactMean(wholeAsBigInt(input?.type.kind as Kind, present))
  if (fn === 'sum') return summed(input?.type.kind as Kind, present as (number | bigint)[])
  const sign = fn === 'min' ? 1 : -1
  const order = orderOf(input as Expr)
  return [...present].sort((left, right) => order(left, right) * sign)[0] as Cell
}

function wholeAsBigInt(kind: Kind, values: readonly Cell[]): (number | bigint)[] {
  return kind === 'float64' ? (values as number[]) : values.map(value => BigInt(value as number))
}

function summed(kind: Kind, values: readonly (number | bigint)[]): Cell {
  if (kind === 'float64') return exactSum(values as number[])
  if (kind === 'decimal') {
    return hundredthsText(values.map(millionths).reduce((sum, value) => sum + value, 0n))
  }
  const total = values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n)
  return kind === 'int64' ? total : Number(total)
}
