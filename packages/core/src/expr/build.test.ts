import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { callExpr, columnExpr, whenExpr } from './build.ts'
import { literalExpr } from './literal.ts'

const S = schema({ n: t.int32(), s: t.string().nullable(), any: t.json() })
const n = columnExpr(S, 'n')

test('nodes are typed and frozen through and through', () => {
  const call = callExpr('add', [n, literalExpr(1)])
  expect(call).toMatchObject({ kind: 'call', name: 'add', args: [n, { value: 1 }] })
  expect(`${call.type}`).toBe('int32')
  expect(Object.isFrozen(call) && Object.isFrozen(call.args) && Object.isFrozen(n)).toBe(true)
  const when = whenExpr(
    [{ condition: callExpr('gt', [n, literalExpr(1)]), value: n }],
    literalExpr(0),
  )
  expect(Object.isFrozen(when) && Object.isFrozen(when.branches)).toBe(true)
  expect(Object.isFrozen(when.branches[0])).toBe(true)
})

test('a when that is not valid cannot be made', () => {
  const condition = columnExpr(S, 's')
  expect(() => whenExpr([{ condition, value: n }], n)).toThrow(
    'TYPE_MISMATCH: when needs true or false; s is string?.',
  )
  expect(() => callExpr('upper', [n])).toThrow('TYPE_MISMATCH')
  expect(() => columnExpr(S, 'm')).toThrow('UNKNOWN_COLUMN: column "m" is not in the frame')
})
