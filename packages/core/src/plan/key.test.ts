import { expect, test } from 'vitest'
import { callExpr, columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { string } from '../serde/scalars.ts'
import { fromArray } from '../source/array-source.ts'
import { keyNode } from './key.ts'
import { sourceNode } from './source.ts'

const Row = schema({ shop: t.string() })
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: Row }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

test('a column as key is known by its name; records stay where they are', () => {
  const serde = string()
  const node = keyNode(source, { expr: columnExpr(Row, 'shop'), serde, onError: fail() })
  expect(node.key).toEqual({
    columns: ['shop'],
    encoding: { kind: 'serde', serde },
    isPartitioned: false,
  })
  expect(node.schema).toBe(Row)
  expect(node.step).toBe('withKey#1')
})

test('of a computed key no column is known', () => {
  const expr = callExpr('upper', [columnExpr(Row, 'shop')])
  expect(keyNode(source, { expr, serde: string(), onError: fail() }).key.columns).toBeNull()
})
