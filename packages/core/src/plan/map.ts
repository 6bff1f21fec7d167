import type { Row } from '../batch/row.ts'
import { type FunctionReads, functionReads } from '../expr/function-reads.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/**
 * Rows from rows by a user's function: one for each (`map`), or any number (`flatMap`). The key
 * stays.
 */
export interface MapNode extends NodeBase {
  readonly kind: 'map'
  readonly from: FrameNode
  readonly expands: boolean
  readonly apply: (row: Row) => unknown
  /** What the function does with its row. */
  readonly reads: FunctionReads
  readonly onError: ErrorPolicy
}

export function mapNode(
  from: FrameNode,
  parts: Pick<MapNode, 'expands' | 'apply' | 'onError'> & { readonly schema: Schema | null },
): MapNode {
  const { expands, apply, onError } = parts
  return Object.freeze({
    kind: 'map',
    ...nextStep(from, expands ? 'flatMap' : 'map'),
    schema: parts.schema ?? OPEN_SCHEMA,
    key: { ...from.key, columns: null },
    from,
    expands,
    apply,
    reads: functionReads(apply),
    onError,
  })
}
