import { expect, test } from 'vitest'
import { markerOf, progressOf, type TaskProgress } from './task-progress.ts'

const source = { topic: 'in', partition: 3 }
const progress: TaskProgress = {
  epoch: 9,
  position: 120,
  input: { watermark: 5_000, upstreams: [{ isIdle: true, isFinal: false, watermark: 4_000 }] },
  isIdle: true,
  watermark: 6_000,
  wallTime: 7_000,
}
const stores = [{ identity: 'sums', fingerprint: 'f' }]
const parts = { source, partitionCount: 4, progress, receipts: [null], stores }

test('a marker gives back what it was made of', () => {
  const marker = markerOf(parts)
  expect(progressOf(marker, source)).toEqual(progress)
  expect(marker.inputs[0]?.partitionCount).toBe(4)
  expect(marker.fingerprints).toEqual([{ step: 'sums', fingerprint: 'f' }])
  expect(marker.receipts).toEqual([{ sink: '0', receipt: null }])
})

test('a marker of a source outside Kafka gives back where it goes on', () => {
  const read = { ...progress, source: { name: 'csv a.csv', position: '300' } }
  expect(progressOf(markerOf({ ...parts, progress: read }), source)).toEqual(read)
})

test('a task that has seen nothing decides nothing', () => {
  const nothing = Number.NEGATIVE_INFINITY
  const input = { watermark: nothing, upstreams: [] }
  const fresh = { ...progress, input, isIdle: false, watermark: nothing, wallTime: null }
  const marker = markerOf({ ...parts, progress: fresh })
  expect(marker.decisions).toEqual([])
  expect(progressOf(marker, source)).toEqual(fresh)
})

test('a marker of another input says nothing', () => {
  const marker = markerOf(parts)
  expect(progressOf(marker, { topic: 'in', partition: 2 })).toBe(null)
  expect(progressOf(marker, { topic: 'other', partition: 3 })).toBe(null)
})
