import { expect, test } from 'vitest'
import type { ClientRecord } from '../kafka-client.ts'
import { expectedOf } from './expected.ts'
import { readBroken, readPurchase, readWindow, readWindowLine } from './observed.ts'

const input = { partition: 2, offset: 7, key: 'u' }
const purchase = { seq: 3, user: 'u', item: 'i', amount: 20, at: 1_000 }

function record(value: string, timestamp = 1_000): ClientRecord {
  const bytes = { key: Buffer.from('u'), value: Buffer.from(value) }
  return { topic: 't', partition: 2, offset: 7, timestamp, ...bytes }
}

const expected = expectedOf([{ ...input, value: JSON.stringify(purchase) }])

test('a purchase and a window read as what is expected, whatever the order of columns', () => {
  const { seq, ...rest } = purchase
  const { id, key, content } = expected.passed[0] as never
  expect(readPurchase(record(JSON.stringify({ ...rest, seq })))).toMatchObject({ id, key, content })
  const row = { n: 1, total: 20, least: 20, most: 20, user: 'u', window_start: 0, window_end: 4e3 }
  const text = JSON.stringify(row)
  const window = expected.users[0]
  expect(readWindow('user')(record(text)).content).toBe(window?.content)
  expect(readWindow('user')(record(text, 999)).content).not.toBe(window?.content)
  expect(readWindowLine('user', text, 1)).toMatchObject({ id: window?.id, key: 'u' })
  expect(readWindowLine('user', text, 1).content).toBe(expected.files[0]?.content)
})

test('a column that is missing or other is seen', () => {
  const text = JSON.stringify({ n: 1, total: 20, user: 'u', window_start: 0, window_end: 4e3 })
  expect(readWindow('user')(record(text)).content).not.toBe(expected.users[0]?.content)
})

test('what cannot be read is a result that nobody expects', () => {
  expect(readPurchase(record('{'))).toMatchObject({ id: 'unreadable at 2/7', content: '{' })
  expect(readBroken(record('broken 5'))).toMatchObject({ id: 'broken 5', content: 'broken 5' })
})
