import { expect, test } from 'vitest'
import { LOCAL_POSITION_KEY, MARKER_KEY } from '../record/format/state-key.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { clearState } from './clear-state.ts'

const CHANGELOG = { topic: 'log', partition: 3 }

async function cleared(stores: readonly number[] | 'all') {
  const space = await memoryBackend().open('task')
  const value = Uint8Array.of(9)
  const keys = [MARKER_KEY, LOCAL_POSITION_KEY, ...[1, 2, 3].map(store => Uint8Array.of(store, 7))]
  await space.write(keys.map(key => ({ key, value })))
  const written: string[] = []
  const write = async (records: OutgoingRecords): Promise<void> => {
    expect([records.topic, records.partitions?.[0]]).toEqual(['log', 3])
    for (let i = 0; i < records.count; i++) {
      const at = records.keyStart[i] as number
      const key = records.data.subarray(at, at + (records.keySize[i] as number))
      written.push(`${[...key]}${(records.valueSize[i] as number) < 0 ? ' gone' : ''}`)
    }
  }
  const world = { changelog: CHANGELOG, changelogEnd: 300, writer: { write }, now: 0 }
  await clearState(space, stores, world)
  const left = await space.scan(new Uint8Array(0), null, 100)
  return { written, left: left.map(({ key }) => [...key].join()) }
}

test('stores go from local state and by tombstones; local state has no position then', async () => {
  const { written, left } = await cleared([2])
  expect(written).toEqual(['2,7 gone'])
  expect(left).toEqual(['0', '1,7', '3,7'])
})

test('all of them leave the marker, and say from where on the changelog counts', async () => {
  const { written, left } = await cleared('all')
  expect(written).toEqual(['1,7 gone', '2,7 gone', '3,7 gone', '0,2'])
  expect(left).toEqual(['0', '0,2'])
})
