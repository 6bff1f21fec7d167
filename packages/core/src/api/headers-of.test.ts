import { expect, test } from 'vitest'
import { headersOf } from './headers-of.ts'

test('an object of text, bytes and null', () => {
  const value = new Uint8Array([1])
  expect(headersOf({ a: 'é', b: value, __proto__: 'x', c: null })).toEqual([
    { name: 'a', value: Buffer.from('é') },
    { name: 'b', value },
    { name: 'c', value: null },
  ])
  const odd = Object.fromEntries([['__proto__', 'x']])
  expect(headersOf(odd)).toEqual([{ name: '__proto__', value: Buffer.from('x') }])
})

test('a list, where names may repeat', () => {
  const value = Buffer.from('x')
  expect(
    headersOf([
      { name: 'a', value },
      { name: 'a', value: null },
      { name: 'b', value: 'text' as never },
    ]),
  ).toEqual([
    { name: 'a', value },
    { name: 'a', value: null },
    { name: 'b', value: Buffer.from('text') },
  ])
})

test.each([
  ['null', null],
  ['text', 'a=b'],
  ['nothing', undefined],
  ['a number as value', { a: 5 }],
  ['a list of texts', ['a']],
  ['a hole', [null]],
])('%s is refused', (_, given) => {
  expect(() => headersOf(given as never)).toThrow(
    'FUNCTION_FAILED: the function of withHeaders must give { name: text or bytes }',
  )
})
