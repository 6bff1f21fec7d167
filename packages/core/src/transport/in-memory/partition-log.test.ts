import { describe, expect, test } from 'vitest'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { type LogRead, PartitionLog } from './partition-log.ts'

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

describe('an open transaction', () => {
  test('holds the last stable offset, not the high watermark, until it ends', () => {
    const log = new PartitionLog()
    append(log, 'before')
    const release = log.hold()
    append(log, 'held')
    expect([log.lastStableOffset, log.end]).toEqual([1, 2])
    expect(show(log.read(0, 10, 100))).toBe('0:before → 1')
    expect(show(log.read(1, 10, 100))).toBe('nothing')
    expect(log.nextReadable(1)).toBe(1)
    release()
    // Its control record takes an offset.
    expect([log.lastStableOffset, log.end]).toEqual([3, 3])
    expect(show(log.read(1, 10, 100))).toBe('1:held → 3')
    release()
    expect(log.end).toBe(3)
  })

  test('among several, the earliest one holds', () => {
    const log = new PartitionLog()
    const first = log.hold()
    append(log, 'a')
    const second = log.hold()
    append(log, 'b')
    first()
    expect(show(log.read(0, 10, 100))).toBe('0:a → 1')
    second()
    expect(show(log.read(1, 10, 100))).toBe('1:b → 4')
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
