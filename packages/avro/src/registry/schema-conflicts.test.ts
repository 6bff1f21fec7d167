import { describe, expect, test } from 'vitest'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { schemaConflicts } from './schema-conflicts.ts'

function conflicts(writer: unknown, reader: unknown) {
  return schemaConflicts(parseSchema(writer).type, parseSchema(reader).type)
}

function rules(writer: unknown, reader: unknown): string[] {
  return conflicts(writer, reader).map(({ path, rule }) => `${path} ${rule}`)
}

function record(name: string, fields: Record<string, unknown>, more: object = {}) {
  const list = Object.entries(fields).map(([name, type]) =>
    typeof type === 'object' && type !== null && 'of' in type
      ? { name, ...(type as object), type: type.of }
      : { name, type },
  )
  return { type: 'record', name, fields: list, ...more }
}

const decimal = (precision: number, scale: number) => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
})
const long = (logicalType: string) => ({ type: 'long', logicalType })
const symbols = (list: string[], more: object = {}) => ({
  type: 'enum',
  name: 'E',
  symbols: list,
  ...more,
})

describe('each rule, and what keeps it', () => {
  test.each<[string, unknown, unknown, string[]]>([
    ['the same', record('R', { a: 'int' }), record('R', { a: 'int' }), []],
    ['a new field', record('R', {}), record('R', { a: 'int' }), ['R.a field-without-default']],
    ['with a default', record('R', {}), record('R', { a: { of: 'int', default: 0 } }), []],
    ['a field removed', record('R', { a: 'int' }), record('R', {}), []],
    [
      'renamed',
      record('R', { a: 'int' }),
      record('R', { b: 'int' }),
      ['R.b field-without-default'],
    ],
    [
      'with an alias',
      record('R', { a: 'int' }),
      record('R', { b: { of: 'int', aliases: ['a'] } }),
      [],
    ],
    ['promoted', record('R', { a: 'int' }), record('R', { a: 'double' }), []],
    ['narrowed', record('R', { a: 'long' }), record('R', { a: 'int' }), ['R.a type-changed']],
    ['text and bytes', 'string', 'bytes', []],
    ['another name', record('R', {}), record('S', {}), ['S name-changed']],
    ['another namespace', record('x.R', {}), record('y.R', {}), []],
    ['with its alias', record('x.R', {}), record('S', {}, { aliases: ['x.R'] }), []],
    ['a symbol removed', symbols(['A', 'B']), symbols(['A']), ['E symbol-removed']],
    ['with a default', symbols(['A', 'B']), symbols(['A'], { default: 'A' }), []],
    ['a symbol added', symbols(['A']), symbols(['A', 'B']), []],
    [
      'a size',
      { type: 'fixed', name: 'F', size: 4 },
      { type: 'fixed', name: 'F', size: 5 },
      ['F size-changed'],
    ],
    ['a union made', 'int', ['null', 'int'], []],
    ['a union unmade', ['null', 'int'], 'int', ['int branch-removed']],
    ['a branch removed', ['null', 'int', 'string'], ['null', 'int'], ['union branch-removed']],
    ['a branch promoted', ['null', 'int'], ['null', 'long'], []],
    [
      'items',
      { type: 'array', items: 'int' },
      { type: 'array', items: 'string' },
      ['array[] type-changed'],
    ],
    [
      'values',
      { type: 'map', values: 'int' },
      { type: 'map', values: 'string' },
      ['map{} type-changed'],
    ],
    ['a scale', decimal(9, 2), decimal(9, 3), ['bytes logical-type-changed']],
    ['a unit', long('timestamp-millis'), long('timestamp-micros'), ['long logical-type-changed']],
    ['local or not', long('timestamp-millis'), long('local-timestamp-millis'), []],
    ['a unit where there was none', 'long', long('timestamp-micros'), []],
  ])('%s', (_, writer, reader, expected) => {
    expect(rules(writer, reader)).toEqual(expected)
  })
})

test('the path leads through records, arrays, maps and unions', () => {
  const of = (price: unknown) =>
    record('Order', {
      lines: {
        of: {
          type: 'array',
          items: record('Line', {
            by: { of: { type: 'map', values: ['null', record('Price', { price })] } },
          }),
        },
      },
    })
  expect(conflicts(of('double'), of('int'))).toEqual([
    {
      path: 'Order.lines[].by{}.price',
      rule: 'type-changed',
      text:
        'the writer has double and the reader int, which cannot be read from it. ' +
        'Keep the type, or add a field beside it',
    },
  ])
})

test('all conflicts are found, and types that hold themselves end', () => {
  const tree = (type: string, extra: object = {}) =>
    record('Tree', { value: type, children: { of: { type: 'array', items: 'Tree' } }, ...extra })
  expect(rules(tree('int'), tree('int'))).toEqual([])
  expect(rules(tree('string'), tree('int', { depth: 'int' }))).toEqual([
    'Tree.value type-changed',
    'Tree.depth field-without-default',
  ])
})

test('a list of conflicts has an end', () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, nth) => [`f${nth}`, 'int']))
  expect(rules(record('R', {}), record('R', wide))).toHaveLength(100)
})

test('types that hold themselves behind unions end, and large ones soon', () => {
  const list = (items: unknown) => ({ of: ['null', { type: 'array', items }] })
  const self = record('R', { next: list('R') })
  expect(rules(self, self)).toEqual([])
  // Each of 22 types uses the next one twice.
  const chain = (last: string) => {
    let schema: unknown = record('T0', { a: last })
    for (let nth = 1; nth <= 22; nth++) {
      schema = record(`T${nth}`, { a: list(schema), b: list(`T${nth - 1}`) })
    }
    return schema
  }
  expect(rules(chain('int'), chain('int'))).toEqual([])
  expect(rules(chain('string'), chain('int'))).toEqual([
    'T22.a branch-removed',
    'T22.b branch-removed',
  ])
})
