import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText, parseJsonText } from './json-text.ts'

const keys = fc.oneof(
  fc.constantFrom('$bigint', '$$bigint', '$$$bigint', '__proto__', 'constructor', 'then', 'a'),
  fc.string(),
)

const { tree } = fc.letrec(tie => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map(value => value + 0),
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc
      .array(fc.tuple(keys, tie('tree')), { maxLength: 3 })
      .map(entries => Object.fromEntries(entries)),
  ),
}))

test('any JSON value with bigints in it comes back', () => {
  fc.assert(
    fc.property(tree, value => {
      expect(parseJsonText(jsonText(value as object))).toEqual(value)
    }),
    { numRuns: 500 },
  )
})

test('a bigint and a user object that looks like one are told apart', () => {
  expect(jsonText({ n: 12n })).toBe('{"n":{"$bigint":"12"}}')
  expect(jsonText({ n: { $bigint: '12' } })).toBe('{"n":{"$$bigint":"12"}}')
  expect(parseJsonText('{"n":{"$$bigint":"12"}}')).toEqual({ n: { $bigint: '12' } })
})

test('what has no JSON form is refused', () => {
  const cycle: { self?: object } = {}
  cycle.self = cycle
  expect(() => jsonText(cycle)).toThrow()
  expect(() => jsonText((() => 1) as object)).toThrow('no JSON form')
})
