/** Dead letters on a real Kafka: the very bytes, headers and position, once under exactly-once. */
import { randomUUID } from 'node:crypto'
import {
  Application,
  bytes,
  type DeadLetterInfo,
  deadLetter,
  deadLetterInfo,
  fromArray,
  type Headers,
  json,
  schema,
  t,
} from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { expect, inject, test } from 'vitest'

const Line = schema({ value: t.bytes() })
const Order = schema({ n: t.int32() })
const BAD = [
  Buffer.from('{"n":'),
  Buffer.from([0, 255, 128, 10]),
  Buffer.alloc(0),
  Buffer.from('{"n":-1 }'),
]
const AT = Date.UTC(2026, 0, 1)
const create = { partitions: 3 }

interface Letter {
  readonly value: string
  readonly own: Headers
  readonly info: DeadLetterInfo | null
}

test.each(['at-least-once', 'exactly-once'] as const)('under %s', async guarantee => {
  const broker = kafka({ 'bootstrap.servers': inject('kafka') })
  const run = randomUUID()
  const names = { orders: `orders-${run}`, out: `out-${run}`, dead: `dead-${run}` }
  const rows = [...BAD, Buffer.from('{"n":1}')].map(value => ({ value }))

  const writer = new Application({ id: `writer-${run}`, broker })
  writer
    .dataframe(fromArray(rows, { schema: Line, timestamp: () => AT }))
    .withHeaders(() => ({ tenant: 'acmé', empty: '' }))
    .toTopic(writer.topic(names.orders, { value: bytes(), create }))
  await writer.run()

  const app = new Application({ id: `app-${run}`, broker, guarantee })
  const policy = deadLetter(names.dead, { create })
  const positive = (row: { n: number }) => {
    if (row.n < 0) throw new RangeError('less than nothing')
  }
  app
    .dataframe(app.topic(names.orders, { value: json(Order), onError: policy, create }))
    .tap(positive, { onError: policy })
    .toTopic(app.topic(names.out, { value: json(Order), create }))
  await app.run({ until: 'end' })
  // A second run has nothing left to do.
  await app.run({ until: 'end' })

  const letters: Letter[] = []
  const reader = new Application({ id: `reader-${run}`, broker })
  await reader
    .dataframe(reader.topic(names.dead, { value: bytes() }))
    .withHeaders(({ value }, headers) => {
      const own = headers.filter(({ name }) => !name.startsWith('millrace.'))
      const text = Buffer.from(value).toString('hex')
      letters.push({ value: text, own, info: deadLetterInfo(headers) })
      return headers
    })
    .collect()
  const hex = BAD.map(value => value.toString('hex'))
  expect(letters.map(({ value }) => value).sort()).toEqual(hex.sort())
  for (const { own } of letters) {
    expect(own.map(({ name, value }) => [name, String(value)])).toEqual([
      ['tenant', 'acmé'],
      ['empty', ''],
    ])
  }
  const codes = letters.map(({ info }) => info?.code)
  expect(codes.filter(code => code === 'FUNCTION_FAILED')).toHaveLength(1)
  expect(codes.filter(code => code === 'DECODE_FAILED')).toHaveLength(3)
  const places = letters.map(({ info }) => `${info?.topic} ${info?.partition} ${info?.offset}`)
  expect(new Set(places).size).toBe(4)
  expect(await reader.dataframe(reader.topic(names.out)).collect()).toEqual([{ n: 1 }])
})
