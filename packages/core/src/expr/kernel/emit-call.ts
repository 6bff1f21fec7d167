/**
 * The functions of the expression language that have a fast form, each as code that gives what its
 * entry in `functions/` gives; a result that the entry refuses is a fault.
 */
import type { CallExpr, Expr, LiteralExpr } from '../expr.ts'
import { functionEntry } from '../functions/index.ts'
import { emitComparison, equalTo } from './emit-comparison.ts'
import type { Emitter } from './emitter.ts'
import { codePoints, equalBytes } from './text-bytes.ts'
import { anyNull, holdingOf, type Value } from './value.ts'

type Emit = (emitter: Emitter, expr: Expr) => Value | null
type Form = (emitter: Emitter, call: CallExpr, args: readonly Value[]) => Value | null

/** Calls without a fast form of their own whose function of plain cells is called as it is. */
const CALLED: ReadonlySet<string> = new Set([
  ...['round', 'upper', 'lower', 'trim', 'concat', 'startsWith', 'endsWith', 'contains', 'length'],
])

const FORMS: Readonly<Record<string, Form>> = {
  add: arithmetic((a, b) => `${a} + ${b}`),
  sub: arithmetic((a, b) => `${a} - ${b}`),
  mul: arithmetic((a, b) => `${a} * ${b}`),
  mod: arithmetic((a, b) => `${a} % ${b}`),
  neg: arithmetic(a => `-${a}`),
  abs: arithmetic(a => `Math.abs(${a})`),
  div: (emitter, _, args) => {
    if (!areNumbers(args)) return null
    const [a, b] = args as [Value, Value]
    return {
      holding: 'number',
      code: emitter.local(`${a.code} / ${b.code}`),
      ...nulls(emitter, args),
      mayBeNaN: true,
    }
  },
  floor: rounded('Math.floor'),
  ceil: rounded('Math.ceil'),
  truncate: truncated,
  not: (_, __, [a]) => (a?.holding === 'boolean' ? { ...bare(a), code: `(!${a.code})` } : null),
  isNull: (_, __, [a]) => truth((a as Value).isNull ?? 'false'),
  isNotNull: (_, __, [a]) => truth(a?.isNull == null ? 'true' : `!(${a.isNull})`),
  isIn: emitIsIn,
  startsWith: (emitter, call, args) => affix(emitter, call, args, false),
  endsWith: (emitter, call, args) => affix(emitter, call, args, true),
  length: textLength,
  ...Object.fromEntries(
    ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'].map(name => [name, emitComparison(name)]),
  ),
}

export function emitCall(emitter: Emitter, call: CallExpr, emit: Emit): Value | null {
  const form = FORMS[call.name]
  if (form === undefined && !CALLED.has(call.name)) return null
  const { arity = call.args.length } = functionEntry(call.name)
  const args: Value[] = []
  for (const arg of call.args.slice(0, arity)) {
    const value = emit(emitter, arg)
    if (value === null) return null
    args.push(value)
  }
  return form?.(emitter, call, args) ?? called(emitter, call, args)
}

/** The function of the table, called with plain cells; only those that never throw. */
function called(emitter: Emitter, call: CallExpr, args: readonly Value[]): Value | null {
  const isPlain = ({ holding }: Value): boolean => holding !== 'any' && holding !== 'bigint'
  if (!CALLED.has(call.name) || !args.every(isPlain)) return null
  const holding = holdingOf(call.type)
  if (holding === 'bigint') return null
  emitter.mayThrow = true
  const scalar = emitter.constant(functionEntry(call.name).evaluate(call))
  const isNull = nulls(emitter, args).isNull
  const result = `${scalar}(${args.map(({ code }) => code)})`
  const code = emitter.local(isNull === null ? result : `${isNull} ? undefined : ${result}`)
  const isWhole = call.type.kind !== 'float64'
  return { holding, code, isNull, mayBeNaN: !isWhole, isWhole }
}

function truth(code: string): Value {
  return { holding: 'boolean', code: `(${code})`, isNull: null }
}

function bare({ holding, isNull }: Value): Pick<Value, 'holding' | 'isNull'> {
  return { holding, isNull }
}

function nulls(emitter: Emitter, args: readonly Value[]): { readonly isNull: string | null } {
  const isNull = anyNull(args)
  return { isNull: isNull === null ? null : emitter.local(isNull) }
}

function areNumbers(args: readonly Value[]): boolean {
  return args.every(({ holding }) => holding === 'number')
}

/** Whole numbers that doubles hold exactly stay exact, or leave the range that is checked. */
function arithmetic(operation: (a: string, b: string) => string): Form {
  return (emitter, call, args) => {
    const holding = holdingOf(call.type)
    if (args.some(arg => arg.holding !== holding) || holding === 'any') return null
    const { isNull } = nulls(emitter, args)
    const [a, b = ''] = args.map(arg => emitter.exact({ ...arg, isNull }))
    const result = emitter.local(`(${operation(a as string, b)})`)
    const inside = RANGES[call.type.kind]?.(result)
    if (inside === undefined) return { holding, code: result, isNull, mayBeNaN: true }
    emitter.fault(`!(${inside})`, isNull)
    return { holding, code: emitter.local(`${result} + 0`), isNull, isWhole: true }
  }
}

const RANGES: Readonly<Record<string, (code: string) => string>> = {
  int32: code => `(${code} | 0) === ${code}`,
  int64: code => `${code} >= -9007199254740991 && ${code} <= 9007199254740991`,
  timestamp: code => `${code} >= -8.64e15 && ${code} <= 8.64e15`,
}

function rounded(method: string): Form {
  return (emitter, call, [value]) => {
    if (value?.holding !== 'number') return value?.holding === 'bigint' ? value : null
    if (call.type.kind !== 'float64') return value
    const { isNull, mayBeNaN = false } = value
    return { holding: 'number', code: emitter.local(`${method}(${value.code})`), isNull, mayBeNaN }
  }
}

function truncated(emitter: Emitter, _: CallExpr, [time, step]: readonly Value[]): Value | null {
  const ms = step?.literal
  if (time?.holding !== 'number' || typeof ms !== 'number') return null
  if (time.isWhole !== true || !Number.isSafeInteger(ms) || ms <= 0) return null
  const code = emitter.local(`Math.floor(${time.code} / ${ms}) * ${ms}`)
  return { holding: 'number', code, isNull: time.isNull, isWhole: true }
}

const LISTED_MAX = 8

/** One of few literals: compared one by one. Of many: looked up. */
function emitIsIn(emitter: Emitter, call: CallExpr, [arg]: readonly Value[]): Value | null {
  const literals = call.args.slice(1) as LiteralExpr[]
  if (arg === undefined || arg.holding === 'any') return null
  if (literals.length > LISTED_MAX && arg.holding !== 'bigint') {
    if (arg.holding === 'boolean') return null
    const set = emitter.constant(new Set(literals.map(({ value }) => value)))
    const { isNull } = nulls(emitter, [arg])
    const found = `${set}.has(${arg.code})`
    return {
      holding: 'boolean',
      code: emitter.local(isNull === null ? found : `!${isNull} && ${found}`),
      isNull,
    }
  }
  const value = arg.bytes === undefined && arg.halves === undefined ? emitter.held(arg) : arg
  const { isNull } = nulls(emitter, [value])
  const tests: string[] = []
  for (const literal of literals) {
    const test = equalTo(emitter, { ...value, isNull }, literal)
    if (test === null) return null
    tests.push(test)
  }
  const code = tests.length === 0 ? 'false' : tests.join(' || ')
  return {
    holding: 'boolean',
    code: emitter.local(isNull === null ? code : `!${isNull} && (${code})`),
    isNull,
  }
}

/** Beginning or end of a column's bytes against those of a literal. */
function affix(
  emitter: Emitter,
  _: CallExpr,
  [text, part]: readonly Value[],
  isEnd: boolean,
): Value | null {
  if (text?.bytes === undefined || part?.bytes === undefined) return null
  if (typeof part.literal !== 'string' || typeof text.literal === 'string') return null
  const { data, start, size } = text.bytes
  const from = isEnd ? `${start} + ${size} - ${part.bytes.size}` : start
  const ranges = [data, from, part.bytes.data, 0, part.bytes.size]
  const same = `${emitter.constant(equalBytes)}(${ranges})`
  const { isNull } = nulls(emitter, [text])
  const holds = `${size} >= ${part.bytes.size} && ${same}`
  return {
    holding: 'boolean',
    code: emitter.local(isNull === null ? holds : `!${isNull} && ${holds}`),
    isNull,
  }
}

function textLength(emitter: Emitter, _: CallExpr, [text]: readonly Value[]): Value | null {
  if (text?.bytes === undefined || typeof text.literal === 'string') return null
  const { data, start, size } = text.bytes
  const { isNull } = nulls(emitter, [text])
  const count = `${emitter.constant(codePoints)}(${data}, ${start}, ${size})`
  const code = emitter.local(isNull === null ? count : `${isNull} ? 0 : ${count}`)
  return { holding: 'number', code, isNull, isWhole: true }
}
