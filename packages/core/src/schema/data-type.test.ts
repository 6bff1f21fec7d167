import { describe, expect, expectTypeOf, test } from 'vitest'
import { type DataType, t } from './data-type.ts'

describe('a type', () => {
  test.each<[DataType, string]>([
    [t.string(), 'string'],
    [t.boolean(), 'boolean'],
    [t.int32(), 'int32'],
    [t.int64(), 'int64'],
    [t.int64({ as: 'number' }), 'int64 as number'],
    [t.float64(), 'float64'],
    [t.timestamp(), 'timestamp'],
    [t.timestamp({ unit: 'us' }), 'timestamp'],
    [t.bytes(), 'bytes'],
    [t.json(), 'json'],
    [t.int64({ as: 'number' }).nullable(), 'int64 as number?'],
  ])('%s prints as %j', (type, text) => {
    expect(String(type)).toBe(text)
  })

  test('keeps its options when null is allowed or excluded', () => {
    const micros = t.timestamp({ unit: 'us' })
    expect(micros.nullable()).toMatchObject({ kind: 'timestamp', unit: 'us', isNullable: true })
    expect(micros.nullable().required()).toEqual(micros)
    const number = t.int64({ as: 'number' })
    expect(number.nullable()).toMatchObject({ as: 'number', isNullable: true })
    expect(number.isNullable).toBe(false)
  })

  test('is of the same kind when cells are given alike, nulls aside', () => {
    expect(t.string().sameKind(t.string().nullable())).toBe(true)
    expect(t.int64().sameKind(t.int64({ as: 'number' }))).toBe(false)
    expect(t.int32().sameKind(t.float64())).toBe(false)
  })

  test('cannot be changed', () => {
    expect(() => Object.assign(t.string(), { kind: 'bytes' })).toThrow(TypeError)
  })

  test('of a timestamp has one of four units', () => {
    const unit = 'minutes' as 'ms'
    expect(() => t.timestamp({ unit })).toThrow(
      /^INVALID_ARGUMENT: t\.timestamp unit must be 's', 'ms', 'us' or 'ns'; got "minutes"/,
    )
  })
})

test('TypeScript knows what a cell is', () => {
  expectTypeOf(t.int64()).toEqualTypeOf<DataType<bigint>>()
  expectTypeOf(t.int64({ as: 'number' })).toEqualTypeOf<DataType<number>>()
  expectTypeOf(t.string().nullable()).toEqualTypeOf<DataType<string | null>>()
  expectTypeOf(t.string().nullable().required()).toEqualTypeOf<DataType<string>>()
  expectTypeOf(t.json<{ a: number }>()).toEqualTypeOf<DataType<{ a: number }>>()
})
