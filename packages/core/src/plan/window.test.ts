import { describe, expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { lateNode } from './late.ts'
import type { FrameNode } from './node.ts'
import { sourceNode } from './source.ts'
import { timestampNode } from './timestamp.ts'
import { type WindowNode, windowNode } from './window.ts'

const Row = schema({ shop: t.string(), n: t.int32() })
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: Row }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})
const rows = { name: 'rows', aggregate: COUNT, input: null, type: t.int32() }

function window(parts: Partial<WindowNode> & { from?: FrameNode; name?: string } = {}): WindowNode {
  const { from = source, name = null, groupColumns = [], aggregates = [rows] } = parts
  const given = { window: tumbling('1s'), groupColumns, aggregates, name, onError: fail() }
  return windowNode(from, given)
}

describe('a window', () => {
  const shop = { name: 'shop', type: t.string() }

  test('gives its group, its bounds and its aggregates', () => {
    const node = window({ groupColumns: [shop] })
    expect(`${node.schema}`).toBe(
      '{shop: string, window_start: timestamp, window_end: timestamp, rows: int32}',
    )
    expect(node.key).toMatchObject({ columns: ['shop'], encoding: { kind: 'group' } })
    expect(node.step).toBe('agg#1')
  })

  test('without group columns keeps the key as it is', () => {
    const node = window()
    expect(node.key).toEqual({ columns: null, encoding: { kind: 'unknown' }, isPartitioned: true })
    expect(`${node.schema}`).toMatch(/^\{window_start/)
  })

  test('is found again by its group and source, or by its name', () => {
    expect(window().identity).toBe('tumbling-key-array')
    expect(window({ groupColumns: [shop] }).identity).toBe('tumbling-shop-array')
    expect(window({ name: 'mine' }).identity).toBe('mine')
  })

  test('needs aggregates, of other names than its own columns', () => {
    expect(() => window({ aggregates: [] })).toThrow('agg needs at least one aggregate')
    const clash = { ...rows, name: 'window_start' }
    expect(() => window({ aggregates: [clash] })).toThrow('DUPLICATE_COLUMN')
  })

  test('does not stand behind a step that changed the time', () => {
    const moved = timestampNode(source, columnExpr(Row, 'n'), fail())
    expect(() => window({ from: moved })).toThrow(
      'event time of a window cannot be changed by withTimestamp#1',
    )
  })
})

test('late records have the columns and keys of what went in', () => {
  const late = lateNode(window())
  expect(late).toMatchObject({ step: 'late#2', schema: Row, key: source.key })
})
