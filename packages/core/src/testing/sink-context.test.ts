import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { batchOf } from './conformance/sink-under-test.ts'
import { sinkContext } from './sink-context.ts'

test('stops at a record that cannot be written, unless the test says otherwise', () => {
  const error = new MillraceError('SINK_FAILED', 'too long')
  const batch = batchOf(['a'])
  expect(() => sinkContext().recordFailed(error, batch, 0)).toThrow(error)
  const refused: number[] = []
  const context = sinkContext({ recordFailed: (_, __, index) => void refused.push(index) })
  context.recordFailed(error, batch, 0)
  expect(refused).toEqual([0])
})
