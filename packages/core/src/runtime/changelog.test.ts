import { expect, test } from 'vitest'
import { readEpochMarker } from '../record/format/epoch-marker.ts'
import { MARKER_KEY } from '../record/format/state-key.ts'
import { plainRecord } from '../transport/plain-record.ts'
import { changelogRecords, markerEntry } from './changelog.ts'

const marker = { epoch: 3, inputs: [], decisions: [], receipts: [], fingerprints: [] }

test('the marker is an entry under its own key', () => {
  const { key, value } = markerEntry(marker)
  expect(key).toEqual(MARKER_KEY)
  expect(readEpochMarker(value as Uint8Array)).toEqual(marker)
})

test('entries become records of the task’s partition, in their order, null for what is gone', () => {
  const entries = [
    { key: Buffer.of(1, 2), value: Buffer.from('kept') },
    { key: Buffer.of(1, 3), value: null },
    markerEntry(marker),
  ]
  const records = changelogRecords({ topic: 'app.in.changelog', partition: 2 }, entries, 7)
  expect(records.topic).toBe('app.in.changelog')
  expect([...(records.partitions ?? [])]).toEqual([2, 2, 2])
  const plain = [0, 1, 2].map(i => plainRecord(records, i))
  expect(plain.map(({ value }) => value?.toString() ?? null).slice(0, 2)).toEqual(['kept', null])
  expect(plain.map(({ key }) => [...(key ?? [])])).toEqual([[1, 2], [1, 3], [0]])
  expect(plain.every(({ timestamp }) => timestamp === 7)).toBe(true)
})
