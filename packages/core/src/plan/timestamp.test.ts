import { expect, test } from 'vitest'
import { columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { sourceNode } from './source.ts'
import { timestampNode } from './timestamp.ts'

const Row = schema({
  time: t.timestamp(),
  ms: t.float64(),
  int: t.int64(),
  any: t.json(),
  text: t.string(),
  flag: t.boolean(),
})
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: Row }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

test.each(['time', 'ms', 'int', 'any'])('column %s can be a time', name => {
  const node = timestampNode(source, columnExpr(Row, name), fail())
  expect(node).toMatchObject({ step: 'withTimestamp#1', schema: Row, key: source.key })
})

test.each(['text', 'flag'])('column %s cannot', name => {
  expect(() => timestampNode(source, columnExpr(Row, name), fail())).toThrow(
    'TYPE_MISMATCH: withTimestamp needs epoch milliseconds (timestamp or a number); got type',
  )
})
