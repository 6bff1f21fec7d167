import { describe, expect, test } from 'vitest'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { type LogRead, type LogTransaction, PartitionLog } from './partition-log.ts'

function append(log: PartitionLog, ...values: (string | Buffer)[]): void {
  const builder = new RawRecordsBuilder()
  for (const value of values) builder.append(null, Buffer.from(value), 0)
  const raw = builder.build()
  for (let i = 0; i < raw.count; i++) log.append(raw, i)
}

function show(read: LogRead | null): string {
  if (read === null) return 'nothing'
  const { records, offsets, nextOffset } = read
  const parts = Array.from(offsets, (offset, i) => {
    const start = records.valueStart[i] as number
    const end = start + (records.valueSize[i] as number)
    return `${offset}:${records.data.toString('utf8', start, end)}`
  })
  return `${parts.join(' ')} → ${nextOffset}`
}

describe('a read', () => {
  test('gives the records from an offset on, within the limits, at least one', () => {
    const log = new PartitionLog()
    append(log, 'aaaa', 'bbbb', 'cccc')
    expect(show(log.read(0, 10, 100))).toBe('0:aaaa 1:bbbb 2:cccc → 3')
    expect(show(log.read(1, 1, 100))).toBe('1:bbbb → 2')
    expect(show(log.read(0, 10, 8))).toBe('0:aaaa 1:bbbb → 2')
    expect(show(log.read(0, 10, 1))).toBe('0:aaaa → 1')
    expect(show(log.read(3, 10, 100))).toBe('nothing')
    expect(show(new PartitionLog().read(0, 10, 100))).toBe('nothing')
  })

  test('stays as it is while the log grows', () => {
    const log = new PartitionLog()
    append(log, 'first')
    const read = log.read(0, 10, 100)
    for (let i = 0; i < 1_000; i++) append(log, `later ${i}`)
    expect(show(read)).toBe('0:first → 1')
  })

  test('goes on over segments, none of which is skipped', () => {
    const log = new PartitionLog()
    const megabyte = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 11; i++) append(log, megabyte)
    const offsets: number[] = []
    for (let at = 0; at < 11; ) {
      const read = log.read(at, 100, Infinity)
      offsets.push(...(read?.offsets ?? []))
      at = read?.nextOffset ?? Infinity
    }
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})

describe('gaps', () => {
  test('are stepped over, also at the end', () => {
    const log = new PartitionLog()
    log.skip(2)
    append(log, 'a')
    log.skip(3)
    append(log, 'b')
    log.skip(1)
    expect(log.end).toBe(8)
    expect(show(log.read(0, 1, 100))).toBe('2:a → 6')
    expect(show(log.read(4, 9, 100))).toBe('6:b → 8')
    expect([0, 3, 7, 8].map(offset => log.nextReadable(offset))).toEqual([2, 6, 8, 8])
  })
})

/** Appends within a transaction. */
function appendIn(transaction: LogTransaction, ...values: string[]): void {
  const builder = new RawRecordsBuilder()
  for (const value of values) builder.append(null, Buffer.from(value), 0)
  const raw = builder.build()
  for (let i = 0; i < raw.count; i++) transaction.append(raw, i)
}

describe('an open transaction', () => {
  test('holds the last stable offset, not the high watermark, until it ends', () => {
    const log = new PartitionLog()
    append(log, 'before')
    const transaction = log.begin()
    append(log, 'held')
    expect([log.lastStableOffset, log.end]).toEqual([1, 2])
    expect(show(log.read(0, 10, 100))).toBe('0:before → 1')
    expect(show(log.read(1, 10, 100))).toBe('nothing')
    expect(log.nextReadable(1)).toBe(1)
    transaction.end(true)
    // Its control record takes an offset.
    expect([log.lastStableOffset, log.end]).toEqual([3, 3])
    expect(show(log.read(1, 10, 100))).toBe('1:held → 3')
    transaction.end(true)
    expect(log.end).toBe(3)
  })

  test('among several, the earliest one holds', () => {
    const log = new PartitionLog()
    const first = log.begin()
    append(log, 'a')
    const second = log.begin()
    append(log, 'b')
    first.end(true)
    expect(show(log.read(0, 10, 100))).toBe('0:a → 1')
    second.end(true)
    expect(show(log.read(1, 10, 100))).toBe('1:b → 4')
  })

  test('when aborted, takes its own records with it and no others', () => {
    const log = new PartitionLog()
    append(log, 'a')
    const read = log.read(0, 10, 100)
    const aborted = log.begin()
    const committed = log.begin()
    appendIn(aborted, 'x', 'y')
    append(log, 'b')
    appendIn(committed, 'c')
    appendIn(aborted, 'z')
    aborted.end(false)
    expect([log.lastStableOffset, log.end]).toEqual([1, 7])
    committed.end(true)
    append(log, 'd')
    expect(show(log.read(0, 10, 100))).toBe('0:a 3:b 4:c 8:d → 9')
    expect(show(log.read(1, 1, 100))).toBe('3:b → 4')
    expect(show(read)).toBe('0:a → 1')
  })

  test('when aborted as the last of the log, is stepped over', () => {
    const log = new PartitionLog()
    const transaction = log.begin()
    appendIn(transaction, 'x')
    transaction.end(false)
    expect([log.nextReadable(0), log.lastStableOffset, log.end]).toEqual([2, 2, 2])
    expect(show(log.read(0, 10, 100))).toBe('nothing')
  })

  test('that was trimmed holds nothing before what is left', () => {
    const log = new PartitionLog()
    const transaction = log.begin()
    appendIn(transaction, 'x', 'y')
    log.trim(2)
    expect([log.earliest, log.lastStableOffset]).toEqual([2, 2])
    transaction.end(false)
    append(log, 'a')
    expect(show(log.read(2, 10, 100))).toBe('3:a → 4')
  })
})

describe('compaction', () => {
  function put(log: PartitionLog, ...entries: [string | null, string | null][]): void {
    const builder = new RawRecordsBuilder()
    for (const [key, value] of entries) builder.append(bytes(key), bytes(value), 0)
    const raw = builder.build()
    for (let i = 0; i < raw.count; i++) log.append(raw, i)
  }
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))

  test('keeps the last record of each key, at its offset', () => {
    const log = new PartitionLog()
    put(log, ['a', '1'], ['b', '1'], ['a', '2'], [null, 'n'], ['', 'e'], ['b', '2'], ['c', '1'])
    log.compact(false)
    expect(show(log.read(0, 10, 100))).toBe('2:2 3:n 4:e 5:2 6:1 → 7')
    expect([log.earliest, log.end]).toEqual([0, 7])
    put(log, ['c', '2'])
    log.compact(false)
    expect(show(log.read(5, 10, 100))).toBe('5:2 7:2 → 8')
  })

  test('keeps tombstones, unless told to drop them', () => {
    const log = new PartitionLog()
    put(log, ['a', '1'], ['a', null], ['b', '1'])
    log.compact(false)
    expect([...(log.read(0, 10, 100)?.offsets ?? [])]).toEqual([1, 2])
    log.compact(true)
    expect([...(log.read(0, 10, 100)?.offsets ?? [])]).toEqual([2])
  })

  test('goes as far as the last stable offset, and what is behind supersedes nothing', () => {
    const log = new PartitionLog()
    put(log, ['a', '1'], ['b', '1'], ['a', '2'])
    const transaction = log.begin()
    put(log, ['a', '3'], ['a', '4'])
    log.compact(false)
    transaction.end(true)
    expect(show(log.read(0, 10, 100))).toBe('1:1 2:2 3:3 4:4 → 6')
  })
})

test('trim forgets what stands before an offset, never behind the end', () => {
  const log = new PartitionLog()
  append(log, 'a', 'b', 'c')
  log.trim(2)
  expect([log.earliest, log.end]).toEqual([2, 3])
  expect(show(log.read(2, 10, 100))).toBe('2:c → 3')
  log.trim(1)
  expect(log.earliest).toBe(2)
  log.trim(100)
  expect([log.earliest, log.end]).toEqual([3, 3])
  append(log, 'd')
  expect(show(log.read(3, 10, 100))).toBe('3:d → 4')
})
