import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { decimalText } from '../../util/decimal.ts'
import { callExpr } from '../build.ts'
import type { Expr } from '../expr.ts'
import { typedLiteral } from '../literal.ts'
import { functionEntry } from './index.ts'

const operand = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), fc.nat(18))
  .map(([units, scale]) => ({ units, scale, expr: literalOf(units, scale) }))

function literalOf(units: bigint, scale: number): Expr {
  return typedLiteral(decimalText(units, scale), t.decimal(18, scale))
}

function resultOf(name: string, args: readonly Expr[]): [cell: string, scale: number] {
  const call = callExpr(name, args)
  const scalar = functionEntry(name).evaluate(call) as (...cells: unknown[]) => string
  return [scalar(...args.map(arg => (arg as { value?: unknown }).value)), call.type.scale]
}

test('results are those of fractions of whole numbers', () => {
  fc.assert(
    fc.property(operand, operand, (a, b) => {
      const at = (scale: number) => 10n ** BigInt(scale)
      const [sum, scale] = resultOf('add', [a.expr, b.expr])
      const units = a.units * at(scale - a.scale) + b.units * at(scale - b.scale)
      expect(sum).toBe(decimalText(units, scale))
      const [less] = resultOf('sub', [a.expr, b.expr])
      expect(less).toBe(decimalText(units - 2n * b.units * at(scale - b.scale), scale))
      const [product, digits] = resultOf('mul', [a.expr, b.expr])
      expect(digits).toBe(a.scale + b.scale)
      expect(product).toBe(decimalText(a.units * b.units, digits))
    }),
  )
})

test('rounding goes to the nearest, and never further than half a step', () => {
  fc.assert(
    fc.property(operand, fc.nat(15), ({ units, scale, expr }, digits) => {
      const [cell, behind] = resultOf('round', [expr, typedLiteral(digits, t.float64())])
      expect(behind).toBe(Math.min(digits, scale))
      const step = 10n ** BigInt(scale - behind)
      const rest = BigInt(cell.replace('.', '')) * step - units
      const size = rest < 0n ? -rest : rest
      expect(size * 2n <= step).toBe(true)
      // A half goes away from zero.
      if (size * 2n === step) expect(rest < 0n).toBe(units < 0n)
      const [floor] = resultOf('floor', [expr])
      const [ceil] = resultOf('ceil', [expr])
      const one = 10n ** BigInt(scale)
      expect(BigInt(floor) * one <= units && units < (BigInt(floor) + 1n) * one).toBe(true)
      expect(BigInt(ceil) * one >= units && units > (BigInt(ceil) - 1n) * one).toBe(true)
    }),
  )
})
