import { schema, t } from '@millrace/core'
import { testSerde } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { avro } from './avro.ts'

const Purchase = {
  type: 'record',
  name: 'Purchase',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'user', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'count', type: 'int' },
    { name: 'ok', type: 'boolean' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 8, scale: 2 } },
    { name: 'raw', type: 'bytes' },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'more', type: { type: 'map', values: ['null', 'long', 'Purchase'] } },
  ],
} as const

const row = {
  id: 9007199254740993n,
  user: 'zoë',
  amount: 1.5,
  count: -3,
  ok: true,
  at: 1_700_000_000_123,
  note: null,
  state: 'PAID',
  price: '-12.50',
  raw: Buffer.from([1, 2]),
  tags: ['a', 'b'],
  more: { x: null, y: -1n },
}
const other = { ...row, id: -1n, user: '', note: 'n', ok: false, state: 'NEW', price: '0.00' }
const nested = { ...row, more: { z: other, __proto__x: 1n }, tags: [] }

for (const encoding of ['plain', 'single-object'] as const) {
  testSerde({ describe, test, expect }, () => avro(Purchase, { encoding }), {
    rows: [row, other, nested],
    bad: [{ bytes: Buffer.from([0]) }, { bytes: Buffer.alloc(0) }].map(each =>
      encoding === 'plain' ? { ...each, field: each.bytes.length === 0 ? 'id' : 'user' } : each,
    ),
    unwritable: [schema({ id: t.int64() }), schema({ id: t.int64() })],
  })
}

testSerde({ describe, test, expect }, () => avro('string'), {
  rows: [{ value: 'a' }, { value: '' }],
  bad: [{ bytes: Buffer.from([4, 0xff, 0xff]), field: undefined as never }],
  unwritable: [schema({ value: t.int64() })],
})
