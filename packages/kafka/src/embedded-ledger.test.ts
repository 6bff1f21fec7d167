import { expect, test } from 'vitest'
import { EmbeddedLedger, embeddedFull, PARTITION_BYTES_MAX } from './embedded-ledger.ts'

function admitted(ledger: EmbeddedLedger, partition: number, bytes: number): number {
  let count = 0
  while (ledger.admits('shop', partition, bytes, false)) count++
  return count
}

test('a partition takes 100,000 small records, each partition for itself', () => {
  const ledger = new EmbeddedLedger()
  expect(admitted(ledger, 0, 1)).toBe(100_000)
  expect(admitted(ledger, 1, 1)).toBe(100_000)
  ledger.clear()
  expect(ledger.admits('shop', 0, 1, false)).toBe(true)
})

test('or 5 MB with the overhead of records and batches', () => {
  const ledger = new EmbeddedLedger()
  expect(admitted(ledger, 0, 1_000)).toBe(Math.floor(PARTITION_BYTES_MAX / 1_021))
  expect(ledger.admits('shop', 1, PARTITION_BYTES_MAX - 82, true)).toBe(true)
  expect(ledger.admits('shop', 2, PARTITION_BYTES_MAX - 81, true)).toBe(false)
})

test('the error names the topic, the limits and the way out', () => {
  const { message } = embeddedFull('shop', 3, 'No room.')
  expect(message).toContain('EMBEDDED_BROKER_FULL: No room.')
  expect(message).toContain('5 MB or 100,000 records a partition')
  expect(message).toContain('real broker')
  expect(message).toContain('topic shop/3')
})
