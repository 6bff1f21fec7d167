import { expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { integer, string } from '../serde/scalars.ts'
import { decodeRecords, encodeRecord, type RecordToFeed } from './driver-topic.ts'

const app = new Application({ id: 'app' })
const Row = schema({ n: t.int64(), b: t.bytes().nullable() })

const text = (topic: Topic, record: RecordToFeed<unknown>): [string, string] => {
  const { key, value } = encodeRecord(topic, record)
  return [`${key}`, `${value}`]
}

test('rows are written by the serde; what is left out is null', () => {
  const topic = app.topic('typed', { value: json(Row) })
  expect(text(topic, { value: { n: 2n ** 60n } })).toEqual([
    'null',
    '{"n":1152921504606846976,"b":null}',
  ])
  expect(text(topic, { key: 'k', value: { n: 1n, b: Buffer.from('a') } })).toEqual([
    'k',
    '{"n":1,"b":"YQ=="}',
  ])
  expect(encodeRecord(topic, { value: null }).value).toBe(null)
})

test('open rows are written whole, also columns of odd names', () => {
  const row = JSON.parse('{"__proto__":1,"then":[2]}')
  expect(text(app.topic('open'), { value: row })[1]).toBe('{"__proto__":1,"then":[2]}')
})

test('a key comes from the keyColumn unless it is given', () => {
  const value = json(schema({ k: t.string(), n: t.int32() }))
  const topic = app.topic('keyed', { key: string(), keyColumn: 'k', value })
  const row = { k: 'of row', n: 1 }
  expect(text(topic, { value: row })[0]).toBe('of row')
  expect(text(topic, { key: 'other', value: row })[0]).toBe('other')
  expect(text(topic, { key: null, value: row })[0]).toBe('null')
  expect(encodeRecord(app.topic('int', { key: integer() }), { key: 1, value: null }).key).toEqual(
    Buffer.of(0, 0, 0, 1),
  )
})

test('headers are an object or a list', () => {
  const headers = (given: NonNullable<RecordToFeed['headers']>) =>
    encodeRecord(app.topic('open'), { value: null, headers: given }).headers
  const list = [{ name: 'a', value: Buffer.from('1') }]
  expect(headers({ a: '1' })).toEqual(list)
  expect(headers([...list, ...list])).toEqual([...list, ...list])
})

test('what was written is read back; what is no row says where it is', () => {
  const topic = app.topic('typed', { key: string(), value: json(Row) })
  const place = { timestamp: 5, partition: 1, offset: 7, headers: [] }
  const stored = (value: string) => ({ ...place, key: Buffer.from('k'), value: Buffer.from(value) })
  expect(decodeRecords(topic, [stored('{"n":1}')])).toEqual([
    { ...place, key: 'k', value: { n: 1n, b: null } },
  ])
  const bad = () => decodeRecords(topic, [stored('{"n":"x"}')])
  expect(bad).toThrow(/expected a whole number of 64 bits, got/)
  expect(bad).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
})
