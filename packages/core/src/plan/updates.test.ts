import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { sourceNode } from './source.ts'
import { updatesNode } from './updates.ts'
import { windowNode } from './window.ts'

test('rows and keys are those of the window', () => {
  const onError = fail()
  const source = fromArray([], { schema: schema({ n: t.int32() }) })
  const window = windowNode(
    sourceNode({ kind: 'source', source, timestamp: null, disorderMs: 0, onError }),
    {
      window: tumbling(1_000),
      groupColumns: [],
      aggregates: [{ name: 'n', aggregate: COUNT, input: null, type: t.int32() }],
      name: null,
      onError,
    },
  )
  const node = updatesNode(window, 500)
  expect([node.step, node.everyMs, node.from]).toEqual(['updates#2', 500, window])
  expect([node.schema, node.key]).toEqual([window.schema, window.key])
})
