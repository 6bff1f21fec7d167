import { expect, test } from 'vitest'
import { EpochWriter, StagedEpochs } from './staged-epochs.ts'

function epochs(): StagedEpochs<string[]> {
  return new StagedEpochs<string[]>(() => [])
}

function prepare(writer: EpochWriter<string[]>, epoch: number, row: string): Uint8Array {
  writer.open.push(row)
  return writer.prepare(epoch)
}

test('an epoch is taken once, as it was when prepared, by whoever has its receipt', () => {
  const staged = epochs()
  const writer = new EpochWriter(staged)
  const first = prepare(writer, 1, 'a')
  writer.open.push('b')
  const other = new EpochWriter(staged)
  expect(other.commit(1, Uint8Array.from(first))).toEqual(['a'])
  expect(other.commit(1, first)).toBe(undefined)
  expect(writer.commit(1, first)).toBe(undefined)
  expect(writer.commit(2, writer.prepare(2))).toEqual(['b'])
})

test('an abort drops what is open and the prepared epoch it names, both its own only', () => {
  const staged = epochs()
  const [writer, other] = [new EpochWriter(staged), new EpochWriter(staged)]
  const first = prepare(writer, 1, 'a')
  const second = prepare(writer, 2, 'b')
  const others = prepare(other, 2, 'theirs')
  writer.open.push('c')
  other.open.push('theirs too')
  writer.abort(2)
  expect(writer.open).toEqual([])
  expect(other.open).toEqual(['theirs too'])
  expect(writer.commit(1, first)).toEqual(['a'])
  expect(() => writer.commit(2, second)).toThrow('SINK_FAILED')
  expect(other.commit(2, others)).toEqual(['theirs'])
})

test('what recovers drops earlier epochs and leaves later ones', () => {
  const staged = epochs()
  const writer = new EpochWriter(staged)
  prepare(writer, 1, 'given up')
  const second = prepare(writer, 2, 'a')
  const third = prepare(writer, 3, 'b')
  const [zombie, later] = [new EpochWriter(staged), new EpochWriter(staged)]
  expect(zombie.recover([])).toEqual([])
  expect(zombie.recover([{ epoch: 2, receipt: second }])).toEqual([['a']])
  expect(later.recover([{ epoch: 3, receipt: third }])).toEqual([['b']])
  expect(zombie.recover([{ epoch: 2, receipt: second }])).toEqual([])
})

test('rows that have gone are missed; those of an earlier process are not', () => {
  const staged = epochs()
  const receipt = prepare(new EpochWriter(staged), 4, 'a')
  staged.dropBefore(5)
  expect(() => staged.take(4, receipt)).toThrow(
    'SINK_FAILED: the rows of epoch 4 have gone before they were made visible.',
  )
  expect(epochs().take(4, receipt)).toBe(undefined)
  expect(staged.take(4, null)).toBe(undefined)
})
