import { expect, test } from 'vitest'
import { IntList } from './int-list.ts'

test('gives what was pushed, once', () => {
  const list = new IntList()
  expect([...list.take()]).toEqual([])
  const many = Array.from({ length: 1_000 }, (_, i) => i * 3 - 500)
  for (const value of many) list.push(value)
  const taken = list.take()
  list.push(7)
  expect([...taken]).toEqual(many)
  expect([...list.take()]).toEqual([7])
})
