import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { type Column, randomColumn } from './cell.ts'
import { applied } from './focus.ts'
import { FUNCTIONS } from './required.ts'

const columns = (random: Random): Column[] =>
  ['a', 'b', 'c'].map(name => randomColumn(random, name))

test('every function can be applied to every type that is required of it', () => {
  const random = new Random(3)
  for (const [name, kinds] of Object.entries(FUNCTIONS)) {
    for (const kind of kinds) {
      const own = columns(random)
      expect(applied(random, own, name, kind)).toMatchObject({ op: 'call', name })
      expect(own[0]).toMatchObject({ kind, isNullable: true })
    }
  }
})

test('one that nothing makes is refused after some tries', () => {
  const random = new Random(3)
  expect(() => applied(random, columns(random), 'upper', 'int32')).toThrow(
    'there is no expression of upper on a column of int32',
  )
})
