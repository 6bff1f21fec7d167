import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import type { KafkaAdmin, OffsetKind } from './kafka-admin.ts'
import { PartitionLook } from './partition-look.ts'
import { PartitionReading } from './partition-reading.ts'

interface Cluster {
  topicId: string | null
  earliest: number
  stable: number
  latest: number
  asked: string[]
}

function cluster(): Cluster {
  return { topicId: 'one', earliest: 0, stable: 10, latest: 10, asked: [] }
}

function adminOf(state: Cluster): KafkaAdmin {
  return {
    async topics(names: string[]) {
      state.asked.push('topics')
      const { topicId } = state
      const entry = { topicId, partitionCount: 1, replicationFactor: 1, isReady: true }
      return new Map(names.map(name => [name, topicId === null ? null : entry]))
    },
    async list(readings: unknown[], kind: OffsetKind) {
      state.asked.push(kind)
      return readings.map(() => state[kind])
    },
  } as unknown as KafkaAdmin
}

const readingAt = (offset: number, partition = 0): PartitionReading =>
  new PartitionReading({ topic: 'shop', partition }, offset, 100)

test('lets an offset be read that is there, its end included', async () => {
  const state = cluster()
  for (const offset of [0, 10]) {
    const reading = readingAt(offset)
    await new PartitionLook(adminOf(state)).at([reading])
    expect([reading.isChecked, reading.failure]).toEqual([true, null])
    expect(reading.seen).toMatchObject({ lastStableOffset: 10, highWatermark: 10 })
  }
})

test('refuses an offset before or behind what is there', async () => {
  const state = { ...cluster(), earliest: 3 }
  for (const offset of [2, 11]) {
    const reading = readingAt(offset)
    await new PartitionLook(adminOf(state)).at([reading])
    expect(reading.failure?.message).toContain('OFFSET_OUT_OF_RANGE: the partition holds offsets 3')
    expect(reading.failure?.place).toEqual({ topic: 'shop', partition: 0, offset })
    expect(reading.isChecked).toBe(false)
  }
})

test('says in the words of its owner that retention has overtaken the reader', async () => {
  const state = { ...cluster(), earliest: 3 }
  const overtaken = (): MillraceError => new MillraceError('EMBEDDED_BROKER_FULL', 'dropped')
  const readings = [readingAt(2), readingAt(11)]
  await new PartitionLook(adminOf(state), overtaken).at(readings)
  expect(readings.map(({ failure }) => failure?.code)).toEqual([
    'EMBEDDED_BROKER_FULL',
    'OFFSET_OUT_OF_RANGE',
  ])
})

test('finds topics and partitions that are not there, and reads the others', async () => {
  const readings = [readingAt(0), readingAt(0, 7)]
  await new PartitionLook(adminOf(cluster())).at(readings)
  expect(readings.map(({ isChecked }) => isChecked)).toEqual([true, false])
  expect(readings[1]?.failure?.message).toContain('TOPIC_MISSING: partition 7')
})

test('finds a topic made anew, once the client was heard complaining', async () => {
  const state = cluster()
  const look = new PartitionLook(adminOf(state))
  const reading = readingAt(0)
  await look.at([reading])
  state.topicId = 'two'
  await look.at([reading])
  expect(reading.failure).toBe(null)
  look.suspect()
  await look.at([reading])
  expect(reading.failure?.message).toContain('was deleted and made anew')
})

test('asks for the ends only, while all is well; an open transaction is seen', async () => {
  const state = { ...cluster(), latest: 12 }
  const look = new PartitionLook(adminOf(state))
  const reading = readingAt(10)
  await look.at([reading])
  state.asked = []
  await look.at([reading])
  expect(state.asked.sort()).toEqual(['latest', 'stable'])
  expect(reading.seen).toMatchObject({ lastStableOffset: 10, highWatermark: 12 })
})

test('assigns a partition anew that stands still although there is more', async () => {
  const state = cluster()
  const look = new PartitionLook(adminOf(state))
  const reading = readingAt(4)
  await look.at([reading])
  reading.isAssigned = true
  await look.at([reading])
  expect(reading.isAssigned).toBe(true)
  reading.silentSince -= 3_001
  await look.at([reading])
  expect(reading.isAssigned).toBe(false)
})

test('one that is silent at its end is left alone', async () => {
  const look = new PartitionLook(adminOf(cluster()))
  const reading = readingAt(10)
  reading.isAssigned = true
  await look.at([reading])
  reading.silentSince -= 60_000
  await look.at([reading])
  expect(reading.isAssigned).toBe(true)
})
