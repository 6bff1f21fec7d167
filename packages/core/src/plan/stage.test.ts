import { expect, test } from 'vitest'
import { columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { filterNode } from './filter.ts'
import { passed, projectNode } from './project.ts'
import { sourceNode } from './source.ts'
import { stageNode } from './stage.ts'

test('a stage has the names of its steps and the columns of the last', () => {
  const Row = schema({ flag: t.boolean(), n: t.int32() })
  const parts = { timestamp: null, disorderMs: 0, onError: fail() }
  const source = sourceNode({ kind: 'source', source: fromArray([], { schema: Row }), ...parts })
  const filter = filterNode(source, 'where', columnExpr(Row, 'flag'), fail())
  const columns = [passed('n', t.int32())]
  const project = projectNode(filter, 'select', { columns, omit: null, onError: fail() })
  const stage = stageNode(source, [filter, project])
  expect(stage).toMatchObject({ step: 'where#1 select#2', depth: 2, from: source })
  expect(stage.schema).toBe(project.schema)
  expect(stage.key).toBe(project.key)
})
