import { expect, test } from 'vitest'
import { Coverage } from './coverage.ts'

const column = { name: 'x', kind: 'int32', isNullable: true, isSummable: true } as const

test('counts pipelines, and marks values and nulls by type', () => {
  const coverage = new Coverage()
  coverage.begin([column, column])
  coverage.see('add', 'int32', false)
  coverage.see('add', 'int32', true)
  coverage.begin([column])
  coverage.see('add', 'float64', false)
  coverage.see('where', 'tombstone', true)
  const lines = `${coverage}`.split('\n').map(line => line.split(/ {2,}/))
  expect(lines.map(cells => cells.slice(0, 2))).toEqual([
    ['operator', 'pipelines'],
    ['column read', '2'],
    ['add', '2'],
    ['where', '1'],
  ])
  const int32 = (lines[0] as string[]).indexOf('int32')
  expect(lines.map(cells => cells[int32])).toEqual(['int32', '2', 'vn', '·'])
  expect(coverage.missing({ add: ['int32', 'float64'] })).toEqual(['add float64 null'])
  expect(coverage.missingTombstones(['add', 'where'])).toEqual(['add'])
})
