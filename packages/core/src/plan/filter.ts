import { MillraceError } from '../errors.ts'
import type { Expr } from '../expr/expr.ts'
import { BOOLEAN, needed } from '../expr/typing.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Keeps the records for which the predicate is true; null is not true. Tombstones stay. */
export interface FilterNode extends NodeBase {
  readonly kind: 'filter'
  readonly from: FrameNode
  readonly predicate: Expr
  readonly onError: ErrorPolicy
}

export function filterNode(
  from: FrameNode,
  name: 'where' | 'filter',
  predicate: Expr,
  onError: ErrorPolicy,
): FilterNode {
  if (predicate.type.kind !== 'boolean' && predicate.type.kind !== 'json') {
    throw new MillraceError(
      'TYPE_MISMATCH',
      `${name} needs a condition that is true or false; got one of type ${predicate.type}. ` +
        'Compare it, for example with .eq(…) or .gt(…).',
      { step: nextStep(from, name).step },
    )
  }
  const { schema, key } = from
  return Object.freeze({
    kind: 'filter',
    ...nextStep(from, name),
    schema,
    key,
    from,
    predicate: checked(name, predicate),
    onError,
  })
}

/** A condition that only the data knows the type of is checked record by record. */
function checked(name: string, predicate: Expr): Expr {
  if (predicate.type.kind === 'boolean') return predicate
  return needed(name, 'true or false', predicate, BOOLEAN)
}
