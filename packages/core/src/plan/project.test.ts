import { describe, expect, test } from 'vitest'
import { callExpr, columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { Schema, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { type ProjectedColumn, passed, projectNode } from './project.ts'
import { type SourceNode, sourceNode } from './source.ts'

const Row = schema({ shop: t.string(), n: t.int32() })

/** A topic of which the key is `shop`. */
function sales(isOpen = false): SourceNode {
  const value = isOpen ? json() : json(Row)
  const topic = {
    name: 'sales',
    key: string(),
    keyColumn: 'shop',
    value,
    timestamp: null,
    disorderMs: 0,
    idleMs: 0,
    onError: fail(),
    create: null,
  }
  return sourceNode({ kind: 'topic', topic })
}

const shop = passed('shop', t.string())
const n = passed('n', t.int32())
const upper: ProjectedColumn = {
  name: 'shop',
  expr: callExpr('upper', [columnExpr(Row, 'shop')]),
}

function project(columns: readonly ProjectedColumn[], omit: readonly string[] | null = null) {
  return projectNode(sales(), 'select', { columns, omit, onError: fail() })
}

describe('the columns', () => {
  test('are those given, in their order', () => {
    expect(`${project([n, shop]).schema}`).toBe('{n: int32, shop: string}')
    expect(() => project([n, { ...shop, name: 'n' }])).toThrow('DUPLICATE_COLUMN')
  })

  test('none is too few, unless undeclared ones pass', () => {
    expect(() => project([])).toThrow('INVALID_PLAN: select leaves no column.')
    expect(() => project([], ['n'])).toThrow('INVALID_PLAN')
    const parts = { columns: [], omit: ['n'], onError: fail() }
    const open = projectNode(sales(true), 'drop', parts)
    expect(open.schema.isOpen).toBe(true)
    expect(open.omit).toEqual(['n'])
  })

  test('of a closed frame leave nothing to omit', () => {
    expect(project([n], ['shop']).omit).toBeNull()
  })
})

describe('the key', () => {
  const keyOf = (...columns: ProjectedColumn[]) => project(columns).key.columns

  test('goes with its column, under the name it has then', () => {
    expect(keyOf(shop, n)).toEqual(['shop'])
    expect(keyOf({ ...shop, name: 'store' }, n)).toEqual(['store'])
    expect(keyOf({ ...n, name: 'shop' }, { ...shop, name: 'n' })).toEqual(['n'])
    expect(keyOf(shop, { ...shop, name: 'copy' })).toEqual(['shop'])
  })

  test('is not known when its column is gone or another', () => {
    expect(keyOf(n)).toBeNull()
    expect(keyOf(upper)).toBeNull()
    expect(keyOf({ ...n, name: 'shop' })).toBeNull()
    expect(project([n]).key.encoding).toEqual(sales().key.encoding)
  })

  test('of open rows passes unless it is omitted or overwritten', () => {
    const open = (columns: readonly ProjectedColumn[], omit: readonly string[]) =>
      projectNode({ ...sales(true), schema: new Schema([], true) }, 'withColumns', {
        columns,
        omit,
        onError: fail(),
      }).key.columns
    expect(open([], ['n'])).toEqual(['shop'])
    expect(open([], ['shop'])).toBeNull()
    expect(open([{ ...n, name: 'shop' }], [])).toBeNull()
  })
})
