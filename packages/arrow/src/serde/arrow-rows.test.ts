import { Application, schema, t } from '@millrace/core'
import { TestDriver, testSerde } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { fileBytes } from '../../test/files-of.ts'
import { arrowStream } from '../files/ipc-format.ts'
import { arrowRows } from './arrow-rows.ts'

const Flight = schema({ to: t.string(), delay: t.int32().nullable() })
const rows = [
  { to: 'OSL', delay: 5 },
  { to: 'BGO', delay: null },
]
const Other = schema({ to: t.int32() })

testSerde({ describe, test, expect }, () => arrowRows(Flight), {
  rows: [{ rows }, { rows: [] }, { rows: rows.slice(1) }],
  bad: [
    { bytes: Buffer.from('no stream') },
    { bytes: fileBytes(arrowStream(), Other, [{ to: 1 }]) },
    { bytes: fileBytes(arrowStream(), Flight, rows).subarray(0, 300) },
  ],
  unwritable: [Flight, schema({ rows: t.string() })],
})

test('values of many rows become rows, and rows one value', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'rows', ...driver.options })
  const from = app.topic('from', { value: arrowRows(Flight) })
  const to = app.topic('to', { value: arrowRows(Flight) })
  const frame = app.dataframe(from).flatMap(record => record.rows, { schema: Flight })
  frame
    .where(c => c.delay.isNotNull())
    .map(row => ({ rows: [row, row] }), { schema: arrowRows(Flight).schema })
    .toTopic(to)
  await driver.start(app)
  await driver.feed(from, [{ value: { rows } }])
  await driver.advance('1s')
  const [record] = await driver.read(to)
  expect(record?.value).toEqual({ rows: [rows[0], rows[0]] })
  await driver.stop()
})
