import { expect, test } from 'vitest'
import { columnExpr } from '../expr/build.ts'
import { printExpr } from '../expr/print.ts'
import { fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { filterNode } from './filter.ts'
import { sourceNode } from './source.ts'

const Row = schema({ flag: t.boolean().nullable(), any: t.json(), text: t.string() })
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: Row }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

test('keeps columns and keys, and is frozen', () => {
  const node = filterNode(source, 'where', columnExpr(Row, 'flag'), skip())
  expect(node).toMatchObject({ step: 'where#1', depth: 1, onError: skip() })
  expect(node.schema).toBe(source.schema)
  expect(node.key).toBe(source.key)
  expect(Object.isFrozen(node)).toBe(true)
  expect(filterNode(node, 'filter', columnExpr(Row, 'flag'), fail()).step).toBe('filter#2')
})

test('a condition of which only the data knows the type is checked record by record', () => {
  const { predicate } = filterNode(source, 'where', columnExpr(Row, 'any'), fail())
  expect(printExpr(predicate)).toBe('cast(any as boolean)')
})

test('what is never true or false is refused', () => {
  expect(() => filterNode(source, 'where', columnExpr(Row, 'text'), fail())).toThrow(
    'TYPE_MISMATCH: where needs a condition that is true or false; got one of type string.',
  )
})
