import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BytesColumn } from '../batch/column.ts'
import { t } from '../schema/data-type.ts'
import { bitmapBytes, setBit } from '../util/bitmap.ts'
import { gatheredRecords } from './gathered-records.ts'
import { plainRecord } from './plain-record.ts'
import { RawRecordsBuilder } from './raw-records-builder.ts'

const record = fc.record({
  key: fc.option(fc.uint8Array({ maxLength: 20 })),
  value: fc.uint8Array({ maxLength: 20 }),
  timestamp: fc.integer({ min: -1 }),
  isIn: fc.boolean(),
})

test('are those that are appended one by one', () => {
  fc.assert(
    fc.property(fc.array(record), list => {
      const rows = Int32Array.from(list.flatMap(({ isIn }, row) => (isIn ? [row] : [])))
      const validity = new Uint8Array(bitmapBytes(list.length))
      const start = new Int32Array(list.length)
      let at = 0
      for (const [row, { key }] of list.entries()) {
        if (key !== null) setBit(validity, row)
        start[row] = at
        at += key?.length ?? 0
      }
      const data = Buffer.concat(list.map(({ key }) => key ?? new Uint8Array()))
      const size = Int32Array.from(list, ({ key }) => key?.length ?? 0)
      const values = list.filter(({ isIn }) => isIn).map(({ value }) => value)
      const gathered = gatheredRecords({
        values: {
          bytes: Buffer.concat(values),
          sizes: Int32Array.from(values, ({ length }) => length),
        },
        keys: new BytesColumn(t.bytes(), { data, start, size }, validity),
        timestamps: Float64Array.from(list, ({ timestamp }) => timestamp),
        rows,
      })
      const builder = new RawRecordsBuilder()
      for (const { key, value, timestamp, isIn } of list) {
        if (isIn) builder.append(key, value, timestamp)
      }
      const one = builder.build()
      const plain = Array.from(rows, (_, i) => plainRecord(gathered, i))
      expect(gathered.count).toBe(one.count)
      expect(plain).toEqual(Array.from(rows, (_, i) => plainRecord(one, i)))
    }),
  )
})
