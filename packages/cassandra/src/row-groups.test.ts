import { expect, test } from 'vitest'
import { OutRow } from './out-row.ts'
import { type RowGroup, RowGroups } from './row-groups.ts'
import { Slab } from './slab.ts'

function open(mayGo: (group: RowGroup) => boolean = () => true) {
  const groups = new RowGroups({ nodesOf: key => key[0] as string, mayGo })
  const slab = new Slab()
  const owner = { isOpen: true, acknowledged() {}, refused() {}, notApplied() {} }
  const origin = { query: '', keyAt: [0], weight: 20, owner, batch: {} as never }
  const add = (key: string): void => {
    slab.begin()
    slab.value(Buffer.from(key))
    groups.add(new OutRow(origin, 0, slab))
  }
  /** Takes all rows of a group. */
  const empty = (group: RowGroup): string => {
    const text = `${group.key} ${group.rows.length}`
    group.rows = []
    group.weight = 0
    return text
  }
  const takeAll = (): string[] => {
    const taken: string[] = []
    while (groups.hasReady) taken.push(empty(groups.take()))
    return taken
  }
  return { groups, add, empty, takeAll }
}

test('rows of a key are one group, and lanes take turns', () => {
  const { add, takeAll } = open()
  for (const key of ['a1', 'a2', 'a3', 'b1', 'a1', 'b2']) add(key)
  expect(takeAll()).toEqual(['a1 2', 'b1 1', 'a2 1', 'b2 1', 'a3 1'])
})

test('a group takes another of its lane along, if that is light enough', () => {
  const { groups, add, empty } = open()
  for (const key of ['a1', 'b1', 'a2', 'a2', 'a3']) add(key)
  const first = groups.take()
  const weight = 2 * (4 + 2 + 20)
  expect(groups.takeBeside(first, weight - 1)).toBeNull()
  expect(empty(groups.takeBeside(first, weight) as RowGroup)).toBe('a2 2')
  expect(empty(groups.takeBeside(first, weight) as RowGroup)).toBe('a3 1')
  expect(groups.takeBeside(first, weight)).toBeNull()
})

test('a group that may not go waits until it is offered again', () => {
  const { groups, add, takeAll } = open(({ requests }) => requests === 0)
  add('a1')
  const group = groups.take()
  group.rows = []
  group.requests = 1
  add('a1')
  expect(groups.hasReady).toBe(false)
  group.requests = 0
  groups.offer(group)
  expect(takeAll()).toEqual(['a1 1'])
})

test('keeps the order of thousands of groups', () => {
  const { add, takeAll } = open()
  const keys = Array.from({ length: 5_000 }, (_, i) => `a${i}`)
  for (const key of keys) add(key)
  expect(takeAll()).toEqual(keys.map(key => `${key} 1`))
})
