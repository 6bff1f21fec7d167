import { describe, expect, expectTypeOf, test } from 'vitest'
import { type DataType, t } from './data-type.ts'
import { OPEN_SCHEMA, type RowOf, Schema, schema } from './schema.ts'

const Purchase = schema({
  user_id: t.string(),
  amount: t.float64(),
  note: t.string().nullable(),
})

describe('a schema', () => {
  test('keeps its columns in the order they were written', () => {
    expect(Purchase.names).toEqual(['user_id', 'amount', 'note'])
    expect(Purchase.names.map(name => Purchase.indexOf(name))).toEqual([0, 1, 2])
    expect(String(Purchase)).toBe('{user_id: string, amount: float64, note: string?}')
    expect(Purchase.isOpen).toBe(false)
  })

  test('knows its columns and no others', () => {
    expect([Purchase.has('amount'), Purchase.has('toString')]).toEqual([true, false])
    expect([Purchase.indexOf('amuont'), Purchase.indexOf('constructor')]).toEqual([-1, -1])
    expect(String(Purchase.typeOf('note'))).toBe('string?')
  })

  test('says which columns there are when one is not, and which was likely meant', () => {
    expect(() => Purchase.typeOf('amuont')).toThrow(
      'UNKNOWN_COLUMN: column "amuont" is not in the frame; columns are user_id, amount, note. ' +
        'Did you mean "amount"?',
    )
    expect(() => new Schema([]).typeOf('x')).toThrow('columns are (none).')
  })

  test('has no column twice', () => {
    const field = { name: 'a', type: t.string() }
    expect(() => new Schema([field, field])).toThrow(
      /^DUPLICATE_COLUMN: column "a" stands twice among a, a\./,
    )
  })

  test('is made of types', () => {
    const wrong = { a: 'string' } as unknown as { a: DataType }
    expect(() => schema(wrong)).toThrow(
      'INVALID_ARGUMENT: schema column "a" needs a type such as t.string(); got string.',
    )
  })

  test('cannot be changed, and does not follow what it was made from', () => {
    const fields = [{ name: 'a', type: t.string() as DataType }]
    const made = new Schema(fields)
    fields[0]!.name = 'b'
    fields.push({ name: 'c', type: t.bytes() })
    expect(String(made)).toBe('{a: string}')
    expect(() => (made.fields as unknown[]).push('x')).toThrow(TypeError)
  })
})

test('any text is a column name', () => {
  const odd = ['__proto__', 'constructor', 'then', '', 'a"b', 'a\u2028b', 'a b', '1']
  const made = new Schema(odd.map(name => ({ name, type: t.int32() })))
  expect(made.names).toEqual(odd)
  expect(odd.map(name => made.indexOf(name))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(String(new Schema([{ name: 'a"b', type: t.int32() }]))).toBe('{"a\\"b": int32}')
  // biome-ignore lint/suspicious/noThenProperty: a column may have this name.
  const computed = schema({ ['__proto__']: t.int32(), then: t.int32() })
  expect(computed.names).toEqual(['__proto__', 'then'])
})

describe('an open schema', () => {
  test('takes any column as nullable json, declared ones as declared', () => {
    expect(String(OPEN_SCHEMA.typeOf('anything'))).toBe('json?')
    expect([OPEN_SCHEMA.has('anything'), OPEN_SCHEMA.indexOf('anything')]).toEqual([false, -1])
    const open = new Schema([{ name: 'a', type: t.int32() }], true)
    expect([String(open.typeOf('a')), String(open.typeOf('b'))]).toEqual(['int32', 'json?'])
    expect([String(open), String(OPEN_SCHEMA)]).toEqual(['{a: int32, …}', '{…}'])
  })
})

test('TypeScript knows the row of a schema', () => {
  expectTypeOf<RowOf<typeof Purchase>>().toEqualTypeOf<{
    user_id: string
    amount: number
    note: string | null
  }>()
})
