import { describe, expect, test } from 'vitest'
import { parseSchema } from './parse-schema.ts'

const record = (fields: unknown[], name = 'R') => ({ type: 'record', name, fields })

describe('parseSchema', () => {
  test('takes names, JSON text and parsed JSON', () => {
    expect(parseSchema('long').type).toEqual({ kind: 'long', logical: null })
    expect(parseSchema('"long"').type).toEqual({ kind: 'long', logical: null })
    expect(parseSchema({ type: { type: 'long', logicalType: 'timestamp-millis' } }).type).toEqual({
      kind: 'long',
      logical: { kind: 'timestamp-millis' },
    })
  })

  test('resolves names by the namespace around them', () => {
    const { names } = parseSchema({
      type: 'record',
      name: 'shop.Order',
      aliases: ['Purchase', 'old.Order'],
      fields: [
        { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW'] } },
        { name: 'next', type: ['null', 'Order'], default: null },
        { name: 'id', type: { type: 'fixed', name: 'x.Id', namespace: 'ignored', size: 4 } },
        { name: 'again', type: 'State' },
      ],
    })
    expect([...names.keys()]).toEqual(['shop.Order', 'shop.State', 'x.Id'])
    expect(names.get('shop.Order')?.aliases).toEqual(['shop.Purchase', 'old.Order'])
  })

  test('uses the types of references', () => {
    const id = parseSchema({ type: 'fixed', name: 'a.Id', size: 2 })
    const { canonical } = parseSchema(record([{ name: 'id', type: 'a.Id' }]), { references: [id] })
    expect(canonical).toBe(
      '{"name":"R","type":"record","fields":[{"name":"id","type":{"name":"a.Id","type":"fixed","size":2}}]}',
    )
  })

  test('ignores logical types that are unknown or do not fit', () => {
    const logicalOf = (json: object) => (parseSchema(json).type as { logical: unknown }).logical
    expect(logicalOf({ type: 'int', logicalType: 'timestamp-millis' })).toBe(null)
    expect(logicalOf({ type: 'bytes', logicalType: 'decimal', precision: 2, scale: 3 })).toBe(null)
    expect(logicalOf({ type: 'bytes', logicalType: 'decimal' })).toBe(null)
    expect(logicalOf({ type: 'string', logicalType: 'country' })).toBe(null)
    const fixed = { type: 'fixed', name: 'F', size: 2, logicalType: 'decimal' }
    expect(logicalOf({ ...fixed, precision: 5 })).toBe(null)
    expect(logicalOf({ ...fixed, precision: 4 })).toEqual({
      kind: 'decimal',
      precision: 4,
      scale: 0,
    })
  })

  test.each([
    ['no type', {}, /must be a type name/],
    ['an unknown name', 'strnig', /"strnig"/],
    ['a name with quotes', record([], 'a"b'), /must be a name/],
    ['a field with code in it', record([{ name: 'a`);b', type: 'int' }]), /must be a name/],
    [
      'a field twice',
      record([
        { name: 'a', type: 'int' },
        { name: 'a', type: 'int' },
      ]),
      /a again/,
    ],
    ['a type twice', [record([]), record([])], /defined once/],
    ['a primitive name', record([], 'int'), /no name of a primitive/],
    ['a union in a union', [['null']], /no union within/],
    ['a branch twice', ['int', { type: 'int', logicalType: 'date' }], /int again/],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, /each symbol once/],
    ['a default that is no symbol', { type: 'enum', name: 'E', symbols: [], default: 'B' }, /"B"/],
    ['a negative size', { type: 'fixed', name: 'F', size: -1 }, /size from 0/],
    ['a size of 2 GB', { type: 'fixed', name: 'F', size: 2 ** 31 }, /size from 0/],
    ['a wrong default', record([{ name: 'a', type: 'int', default: 'x' }]), /R\.a .*default.*"x"/],
    ['no JSON', '{"type":', /cut-off/],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseSchema(json)).toThrow(message)
  })

  test('refuses what is too large or too deep, quickly', () => {
    expect(() => parseSchema(`"${'x'.repeat(10_000_000)}"`)).toThrow(/at most 4194304 characters/)
    let deep: unknown = 'int'
    for (let i = 0; i < 10_000; i++) deep = { type: 'array', items: deep }
    expect(() => parseSchema(deep)).toThrow(/nested at most 100/)
    const text = `${'{"type":"array","items":'.repeat(10_000)}"int"${'}'.repeat(10_000)}`
    expect(() => parseSchema(text)).toThrow(/INVALID_ARGUMENT/)
    const wide = record(Array.from({ length: 30_000 }, (_, i) => ({ name: `f${i}`, type: 'int' })))
    expect(() => parseSchema(wide)).toThrow(/at most 20000 fields/)
  })

  test('refuses types that nest too deep by their names', () => {
    const fields = Array.from({ length: 1_000 }, (_, i) => {
      const inner = i === 0 ? 'int' : `R${i - 1}`
      return { name: `f${i}`, type: record([{ name: 'of', type: inner }], `R${i}`) }
    })
    // Each stands in its own field, so that no type is written within another.
    const all = parseSchema(record(fields, 'All'))
    const top = (name: string) => record([{ name: 'top', type: name }], 'Top')
    expect(() => parseSchema(top('R250'), { references: [all] })).not.toThrow()
    expect(() => parseSchema(top('R999'), { references: [all] })).toThrow(/at most 300 deep/)
  })

  test('bounds the work for defaults within defaults', () => {
    const fields = Array.from({ length: 60 }, (_, i) => {
      const inner = i === 0 ? 'int' : `R${i - 1}`
      const of = i === 0 ? 1 : {}
      const two = ['a', 'b'].map(name => ({ name, type: inner, default: of }))
      return { name: `f${i}`, type: record(two, `R${i}`), default: {} }
    })
    expect(() => parseSchema(record(fields))).toThrow(/a default of its type/)
    expect(() => parseSchema(record(fields), { defaults: 'ignore' })).not.toThrow()
  })

  test('keeps long defaults exact, and takes those of any branch of a union', () => {
    const text =
      '{"type":"record","name":"R","fields":[{"name":"a","type":["null","long"],"default":9007199254740993}]}'
    const { type } = parseSchema(text)
    expect(type.kind === 'record' && type.fields[0]?.default).toBe(9007199254740993n)
  })
})
