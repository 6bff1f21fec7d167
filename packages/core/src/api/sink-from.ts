import { MillraceError } from '../errors.ts'
import { columnsRead } from '../expr/columns-read.ts'
import type { FrameNode } from '../plan/node.ts'
import { passed, projectNode } from '../plan/project.ts'
import { type SinkNode, sinkNode } from '../plan/sink.ts'
import { type ErrorPolicy, fail } from '../record/error-policy.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { parseColumns } from './step.ts'

/**
 * A sink behind a frame; in front of it a projection with what it wants computed.
 * @throws UNKNOWN_COLUMN, TYPE_MISMATCH, DUPLICATE_COLUMN, SCHEMA_MISMATCH
 */
export function sinkFrom(
  from: FrameNode,
  sink: SinkDefinition,
  onError: ErrorPolicy = fail(),
): SinkNode {
  if (sink.computes === undefined) return sinkNode(from, sink, onError)
  const { schema } = from
  const added = parseColumns(from, sink.computes, sink.name)
  for (const { name } of added) {
    if (!schema.has(name)) continue
    throw new MillraceError(
      'DUPLICATE_COLUMN',
      `${sink.name} computes a column ${JSON.stringify(name)}, and the frame has one of that ` +
        'name. Give it another one before, with rename.',
    )
  }
  if (added.length === 0) return sinkNode(from, sink, onError)
  const stay = schema.names.map(name => passed(name, schema.typeOf(name)))
  const parts = { columns: [...stay, ...added], omit: [], onError }
  const read = added.map(({ name, expr }): [string, readonly string[]] => {
    const names = columnsRead(expr)
    return [name, names === 'all' ? schema.names : names]
  })
  return sinkNode(projectNode(from, 'columns', parts), sink, onError, new Map(read))
}
