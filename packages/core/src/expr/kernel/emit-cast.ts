import type { CastExpr } from '../expr.ts'
import type { Emitter } from './emitter.ts'
import type { Value } from './value.ts'

/** Between kinds of numbers and times, where the cell stays what it is; else it is a fault. */
export function emitNumberCast(emitter: Emitter, cast: CastExpr, input: Value): Value | null {
  const { type } = cast
  const from = cast.input.type.kind
  if (from === 'string' || from === 'boolean' || from === 'bytes' || from === 'json') return null
  if (type.kind === 'string' || type.kind === 'boolean') return null
  if (input.holding !== 'number' && input.holding !== 'bigint') return null
  if (cast.input.type.sameKind(type)) return null
  const isNull = input.isNull === null ? null : emitter.local(input.isNull)
  const code = emitter.local(emitter.exact({ ...input, isNull }))
  const holding = type.kind === 'int64' && type.as === 'bigint' ? 'bigint' : 'number'
  if (type.kind === 'float64') return { holding, code, isNull, mayBeNaN: input.mayBeNaN === true }
  const isInside = {
    int32: `(${code} | 0) === ${code}`,
    int64: `${code} >= -9007199254740991 && ${code} <= 9007199254740991`,
    timestamp: `${code} >= -8.64e15 && ${code} <= 8.64e15`,
  }[type.kind as 'int32' | 'int64' | 'timestamp']
  if (isInside === undefined) return null
  const isWhole = input.isWhole === true ? '' : ` && Math.floor(${code}) === ${code}`
  emitter.fault(`!(${isInside}${isWhole})`, isNull)
  return { holding, code: emitter.local(`${code} + 0`), isNull, isWhole: true }
}
