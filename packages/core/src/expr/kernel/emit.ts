/**
 * From an expression to code that gives the cell of record `i`, or breaks off to `fault`.
 *
 * What is not covered (functions without a fast form, bytes, json) is asked of the interpreter,
 * expression by expression. Arguments are evaluated in the order and under the conditions of the
 * interpreter, so what cannot fail there cannot fail here.
 */
import { castFunction } from '../cast.ts'
import type { CallExpr, CastExpr, Expr, LiteralExpr, WhenExpr } from '../expr.ts'
import { emitCall } from './emit-call.ts'
import { emitNumberCast } from './emit-cast.ts'
import type { Emitter } from './emitter.ts'
import { type Holding, holdingOf, type Value } from './value.ts'

/** The value with its code in locals; null when this expression cannot be a part of this code. */
export function emit(emitter: Emitter, expr: Expr): Value | null {
  const mark = emitter.lines.length
  const value = covered(emitter, expr)
  if (value !== null) return value
  emitter.lines.length = mark
  return emitter.interpreted(expr)
}

function covered(emitter: Emitter, expr: Expr): Value | null {
  switch (expr.kind) {
    case 'column': {
      if (emitter.bindings === null) return emitter.column(expr)
      const bound = emitter.bindings.get(expr.name)
      if (bound === undefined) return null
      return 'kind' in bound ? emitter.column({ ...bound, type: expr.type }) : bound
    }
    case 'literal':
      return emitLiteral(emitter, expr)
    case 'call':
      return emitConnective(emitter, expr) ?? emitCall(emitter, expr, emit)
    case 'when':
      return emitWhen(emitter, expr)
    case 'cast':
      return emitCast(emitter, expr)
    case 'function':
      return null
  }
}

const NOTHING: Readonly<Record<Holding, string>> = {
  number: '0',
  bigint: '0',
  boolean: 'false',
  text: "''",
  any: 'null',
}

function emitLiteral(emitter: Emitter, { value, type }: LiteralExpr): Value | null {
  const holding = holdingOf(type)
  if (value === null) return { holding, code: NOTHING[holding], isNull: 'true' }
  if (typeof value === 'number') {
    const code = Object.is(value, -0) ? '(-0)' : `(${value})`
    const isWhole = Number.isSafeInteger(value)
    return { holding, code, isNull: null, literal: value, isWhole, mayBeNaN: Number.isNaN(value) }
  }
  if (typeof value === 'boolean')
    return { holding, code: String(value), isNull: null, literal: value }
  if (typeof value === 'bigint') {
    const high = String(Number(BigInt.asIntN(32, value >> 32n)))
    const low = String(Number(BigInt.asUintN(32, value)))
    const code = `(${Number(value)})`
    return { holding, code, isNull: null, literal: value, isWhole: true, halves: { high, low } }
  }
  if (typeof value !== 'string' || holding !== 'text') return null
  const stored = Buffer.from(value, 'utf8')
  const bytes = { data: emitter.constant(stored), start: '0', size: String(stored.length) }
  return { holding, code: emitter.constant(value), isNull: null, literal: value, bytes }
}

/** and, or, coalesce: what stands behind the argument that decides is not evaluated. */
function emitConnective(emitter: Emitter, call: CallExpr): Value | null {
  if (call.name === 'coalesce') return emitCoalesce(emitter, call)
  if (call.name !== 'and' && call.name !== 'or') return null
  const decisive = call.name === 'or'
  const [result, isNull, done] = [emitter.name('t'), emitter.name('t'), emitter.name('done')]
  emitter.push(`let ${result} = ${decisive}, ${isNull} = false; ${done}: {`)
  let mayBeNull = false
  for (const arg of call.args) {
    const value = emit(emitter, arg)
    if (value?.holding !== 'boolean') return null
    const { code, isNull: argIsNull } = emitter.held(value)
    const decides = decisive ? code : `!${code}`
    if (argIsNull === null) {
      emitter.push(`if (${decides}) { ${isNull} = false; break ${done}; }`)
      continue
    }
    mayBeNull = true
    emitter.push(`if (${argIsNull}) ${isNull} = true;`)
    emitter.push(`else if (${decides}) { ${isNull} = false; break ${done}; }`)
  }
  emitter.push(`${result} = ${!decisive}; }`)
  return { holding: 'boolean', code: result, isNull: mayBeNull ? isNull : null }
}

function emitCoalesce(emitter: Emitter, call: CallExpr): Value | null {
  const holding = holdingOf(call.type)
  const [result, isNull, done] = [emitter.name('t'), emitter.name('t'), emitter.name('done')]
  emitter.push(`let ${result} = ${NOTHING[holding]}, ${isNull} = false; ${done}: {`)
  const values: Value[] = []
  for (const arg of call.args) {
    const value = emit(emitter, arg)
    if (value?.holding !== holding) return null
    values.push(value)
    const code = emitter.exact(value)
    if (value.isNull === null) emitter.push(`${result} = ${code}; break ${done};`)
    else emitter.push(`if (!(${value.isNull})) { ${result} = ${code}; break ${done}; }`)
    if (value.isNull === null) break
  }
  const mayBeNull = values.every(value => value.isNull !== null)
  emitter.push(`${mayBeNull ? `${isNull} = true; ` : ''}}`)
  return { ...common(values), holding, code: result, isNull: mayBeNull ? isNull : null }
}

function emitWhen(emitter: Emitter, { branches, otherwise, type }: WhenExpr): Value | null {
  const holding = holdingOf(type)
  const [result, isNull, done] = [emitter.name('t'), emitter.name('t'), emitter.name('done')]
  emitter.push(`let ${result} = ${NOTHING[holding]}, ${isNull} = false; ${done}: {`)
  const values: Value[] = []
  const choose = (expr: Expr): boolean => {
    const value = emit(emitter, expr)
    if (value?.holding !== holding) return false
    values.push(value)
    const code = emitter.exact(value)
    emitter.push(`${result} = ${code};`)
    if (value.isNull !== null) emitter.push(`${isNull} = ${value.isNull};`)
    return true
  }
  for (const { condition, value } of branches) {
    const test = emit(emitter, condition)
    if (test?.holding !== 'boolean') return null
    const isTrue = test.isNull === null ? test.code : `!(${test.isNull}) && ${test.code}`
    emitter.push(`if (${isTrue}) {`)
    if (!choose(value)) return null
    emitter.push(`break ${done}; }`)
  }
  if (!choose(otherwise)) return null
  emitter.push('}')
  const mayBeNull = values.some(value => value.isNull !== null)
  return { ...common(values), holding, code: result, isNull: mayBeNull ? isNull : null }
}

/** What holds of one of several values. */
function common(values: readonly Value[]): Pick<Value, 'mayBeNaN' | 'isWhole'> {
  const mayBeNaN = values.some(value => value.mayBeNaN === true)
  return { mayBeNaN, isWhole: values.every(value => value.isWhole === true) }
}

function emitCast(emitter: Emitter, cast: CastExpr): Value | null {
  const input = emit(emitter, cast.input)
  const to = holdingOf(cast.type)
  if (input === null || input.holding === 'any' || to === 'any') return null
  const fast = emitNumberCast(emitter, cast, input)
  if (fast !== null) return fast
  if (cast.input.type.sameKind(cast.type)) return input
  if (input.holding === 'bigint' || to === 'bigint') return null
  const convert = emitter.constant(castFunction(cast))
  const { code, isNull } = emitter.held(input)
  emitter.mayThrow = true
  const call = `${convert}(${code})`
  const value = emitter.local(isNull === null ? call : `${isNull} ? ${NOTHING[to]} : ${call}`)
  return { holding: to, code: value, isNull, mayBeNaN: to === 'number' }
}
