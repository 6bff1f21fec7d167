import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { columnExpr } from './build.ts'
import { literalExpr } from './literal.ts'
import { printExpr } from './print.ts'
import { BOOLEAN, needed, unify } from './typing.ts'

const S = schema({
  i: t.int32(),
  safe: t.int64({ as: 'number' }),
  b: t.int64(),
  f: t.float64().nullable(),
  s: t.string(),
  ts: t.timestamp(),
  seconds: t.timestamp({ unit: 's' }),
  any: t.json(),
})
const of = (part: unknown) =>
  typeof part === 'string' && S.has(part) ? columnExpr(S, part) : literalExpr(part)

function unified(...parts: readonly unknown[]): string {
  const { args, type } = unify('when', parts.map(of))
  return `${args.map(printExpr).join(', ')} : ${type}`
}

describe('one type for all', () => {
  test('numbers take the kind that holds each exactly', () => {
    expect(unified('i', 1)).toBe('i, 1 : int32')
    expect(unified('i', 2 ** 40)).toBe('i, 1099511627776 : int64 as number')
    expect(unified('i', 'safe')).toBe('i, safe : int64 as number')
    expect(unified('i', 'b', 2)).toBe('cast(i as int64), b, 2n : int64')
    expect(unified('i', 'f')).toBe('i, f : float64?')
    expect(unified('i', 1.5)).toBe('i, 1.5 : float64')
    expect(unified(1, 2)).toBe('1, 2 : float64')
    expect(() => unified('b', 'f')).toThrow('needs numbers of one kind; f is float64?.')
  })

  test('null takes the type of the others', () => {
    expect(unified('s', null)).toBe('s, null : string?')
    expect(unified(null, 'i')).toBe('null, i : int32?')
    expect(() => unified(null, null)).toThrow(
      'TYPE_MISMATCH: when has only nulls, so its type is unknown. ' +
        'Give one: lit(null).as(t.string()).',
    )
  })

  test('json is checked to be of the type of the others', () => {
    expect(unified('any', 's')).toBe('cast(any as string), s : string')
    expect(unified('any', 0)).toBe('cast(any as float64), 0 : float64')
    expect(unified('any', null)).toBe('any, null : json?')
    expect(unified('any', 'any')).toBe('any, any : json')
  })

  test('times go with whole literals', () => {
    expect(unified('ts', 0)).toBe(`ts, timestamp '1970-01-01T00:00:00.000Z' : timestamp`)
    expect(() => unified('ts', 'i')).toThrow('when needs values of one type; i is int32.')
    expect(() => unified('ts', 0.5)).toThrow('0.5 is float64')
    const unit = (...parts: string[]) => unify('when', parts.map(of)).type.unit
    expect([unit('seconds', 'seconds'), unit('seconds', 'ts')]).toEqual(['s', undefined])
  })

  test('different types are refused, naming both', () => {
    expect(() => unified('s', 'i')).toThrow(
      'TYPE_MISMATCH: when needs values of one type; i is int32. But s is string. ' +
        'Convert one with .as(…).',
    )
    expect(() => unified(1, 's')).toThrow('1 is float64. But s is string.')
  })
})

test('needed: the type itself or checked json', () => {
  expect(printExpr(needed('not', 'true or false', of('any'), BOOLEAN))).toBe('cast(any as boolean)')
  expect(() => needed('not', 'true or false', of('s'), BOOLEAN)).toThrow(
    'TYPE_MISMATCH: not needs true or false; s is string. Convert it first: .as(t.boolean()).',
  )
})
