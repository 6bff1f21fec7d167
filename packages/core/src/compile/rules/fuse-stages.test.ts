import { describe, expect, test } from 'vitest'
import { Application } from '../../api/application.ts'
import type { StreamingDataFrame } from '../../api/streaming-data-frame.ts'
import { listSink } from '../../sink/list-sink.ts'
import { fromArray } from '../../source/array-source.ts'
import { TestDriver } from '../../testing/test-driver.ts'

const ROWS = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]

function numbers(): { app: Application; frame: StreamingDataFrame<{ n: number }> } {
  const app = new Application({ id: 'numbers', ...new TestDriver().options })
  return { app, frame: app.dataframe(fromArray(ROWS)) }
}

/** The plan without its first line and the indentation. */
function plan(app: Application): string[] {
  return app
    .explain()
    .split('\n')
    .slice(1)
    .map(line => line.trim())
}

describe('what is joined', () => {
  test('filters and projections, up to what is neither', () => {
    const { app, frame } = numbers()
    frame
      .filter(row => row.n > 1)
      .withColumns(() => ({ x: 1 }))
      .tap(() => {})
      .filter(row => row.n > 2)
      .drop('x')
      .sink(listSink())
    expect(plan(app)).toEqual([
      'filter#1: function',
      '| withColumns#2: x = 1',
      'tap#3: function',
      'filter#4: function',
      '| drop#5: all but x',
      'list#6: sink',
    ])
  })

  test('a step that two frames stand on ends its stage, and is there once', () => {
    const { app, frame } = numbers()
    const shared = frame.filter(row => row.n > 1).withColumns(() => ({ x: 1 }))
    shared.drop('x').sink(listSink())
    shared
      .drop('n')
      .filter(() => true)
      .sink(listSink())
    expect(plan(app)).toEqual([
      'filter#1: function',
      '| withColumns#2: x = 1',
      'drop#3: all but x',
      'list#4: sink',
      'drop#3: all but n',
      '| filter#4: function',
      'list#5: sink',
    ])
  })
})

test('a shared step runs once for each record, joined or not', async () => {
  for (const rules of [true, false]) {
    const { app, frame } = numbers()
    const driver = new TestDriver()
    const seen: number[] = []
    const shared = frame.filter(row => {
      seen.push(row.n)
      return row.n > 2
    })
    const lists = [listSink(), listSink(), listSink()] as const
    shared.sink(lists[0])
    shared.withColumns(() => ({ x: 1 })).sink(lists[1])
    shared.filter(row => row.n > 3).sink(lists[2])
    await driver.start(app, { rules })
    expect(seen).toEqual([1, 2, 3, 4])
    expect(lists.map(({ rows }) => rows)).toEqual([
      [{ n: 3 }, { n: 4 }],
      [
        { n: 3, x: 1 },
        { n: 4, x: 1 },
      ],
      [{ n: 4 }],
    ])
  }
})
