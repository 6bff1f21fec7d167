import { expect, test } from 'vitest'
import { StagedEpochs } from './staged-epochs.ts'

test('an epoch is taken once, as it was when prepared', () => {
  const staged = new StagedEpochs<string[]>(() => [])
  staged.open.push('a')
  staged.prepare(1)
  staged.open.push('b')
  expect(staged.take(2)).toBe(undefined)
  expect(staged.take(1)).toEqual(['a'])
  expect(staged.take(1)).toBe(undefined)
  staged.prepare(2)
  expect(staged.take(2)).toEqual(['b'])
})

test('an abort drops the open epoch and the prepared one it names, no other', () => {
  const staged = new StagedEpochs<string[]>(() => [])
  staged.open.push('a')
  staged.prepare(1)
  staged.open.push('b')
  staged.prepare(2)
  staged.open.push('c')
  staged.abort(2)
  expect(staged.open).toEqual([])
  expect(staged.take(2)).toBe(undefined)
  expect(staged.take(1)).toEqual(['a'])
})

test('clear drops everything', () => {
  const staged = new StagedEpochs<string[]>(() => [])
  staged.open.push('a')
  staged.prepare(1)
  staged.open.push('b')
  staged.clear()
  expect(staged.take(1)).toBe(undefined)
  expect(staged.open).toEqual([])
})
