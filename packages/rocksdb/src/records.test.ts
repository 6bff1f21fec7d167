import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSlotRecord, readStateRecord, writeSlotRecord, writeStateRecord } from './records.ts'

const RECORD = {
  applicationId: 'shop',
  id: '0123456789ab',
  boot: 'af3b',
  isWhole: true,
  isBroken: false,
}

test('they are as docs/formats.md has them', () => {
  expect(writeSlotRecord(RECORD).toString('hex')).toBe(
    '01010473686f700c3031323334353637383961620461663362',
  )
  expect(writeStateRecord('0123456789ab').toString('hex')).toBe('010c303132333435363738396162')
})

test('what is written is read', () => {
  const text = fc.string({ maxLength: 300 })
  const record = fc.record({
    applicationId: text,
    id: text,
    boot: text,
    isWhole: fc.boolean(),
    isBroken: fc.boolean(),
  })
  fc.assert(
    fc.property(record, slot => {
      expect(readSlotRecord(writeSlotRecord(slot), '/s')).toEqual(slot)
      expect(readStateRecord(writeStateRecord(slot.id), '/s')).toBe(slot.id)
    }),
  )
})

test('another version is refused, and so is what is cut off, too long or flagged unknown', () => {
  const slot = writeSlotRecord(RECORD)
  const newer = Buffer.from(slot)
  newer[0] = 2
  expect(() => readSlotRecord(newer, '/s')).toThrow(
    'FORMAT_UNKNOWN: the state in /s is in another form: expected version 1, got version 2. ' +
      'A newer version of Millrace wrote it. Run that version',
  )
  const flagged = Buffer.from(slot)
  flagged[1] = 4
  for (const bytes of [flagged, slot.subarray(0, -1), Buffer.concat([slot, slot])]) {
    expect(() => readSlotRecord(bytes, '/s')).toThrow('FORMAT_UNKNOWN')
  }
  const state = writeStateRecord('ab')
  state[0] = 2
  for (const bytes of [state, state.subarray(0, 2), Buffer.alloc(0)]) {
    expect(() => readStateRecord(bytes, '/s')).toThrow('FORMAT_UNKNOWN')
  }
})
