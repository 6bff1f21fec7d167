import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { isStateDeclaration, listState, mapState, valueState } from './state-declaration.ts'

test('a declaration is frozen data with its bounds', () => {
  expect(valueState(t.int32())).toMatchObject({ kind: 'value', keyType: null, max: 1 })
  expect(listState(t.int32())).toMatchObject({ kind: 'list', max: 10_000 })
  expect(mapState(t.string(), t.int32(), { max: 5 })).toMatchObject({ kind: 'map', max: 5 })
  expect(Object.isFrozen(valueState(schema({ n: t.int32() })))).toBe(true)
  expect(isStateDeclaration(listState(t.int32()))).toBe(true)
  expect([{ kind: 'value' }, null, 7].map(isStateDeclaration)).toEqual([false, false, false])
})

test('what is no type, no bound and no key of a map is refused', () => {
  expect(() => valueState('text' as never)).toThrow('valueState needs a type such as t.string()')
  expect(() => valueState(OPEN_SCHEMA)).toThrow('valueState needs a type')
  for (const max of [0, 1.5, -1, '9']) {
    expect(() => listState(t.int32(), { max: max as number })).toThrow(
      `max of listState must be a whole number from 1; got ${max}`,
    )
  }
  for (const key of [t.bytes(), t.json(), t.string().nullable()]) {
    expect(() => mapState(key as never, t.int32())).toThrow(`got ${key}.`)
  }
})
