/**
 * groupBy: brings records of equal cells together, in front of windows and steps with state.
 *
 * Whether that takes an internal topic is decided later, by the rule `reuse-key`. What has no order
 * and no equality, lists and structs, is refused here.
 */
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { DataType } from '../schema/data-type.ts'
import {
  type FrameNode,
  inputOf,
  type NodeBase,
  nextStep,
  type PlanNode,
  sourceOf,
} from './node.ts'

/**
 * Brings records of equal group columns together. `via` says how: through an internal topic
 * (`repartition`), or not at all because the record key already does it (`key`, decided by the rule
 * `reuse-key`).
 */
export interface GroupNode extends NodeBase {
  readonly kind: 'group'
  readonly from: FrameNode
  readonly columns: readonly string[]
  readonly types: readonly DataType[]
  readonly via: 'repartition' | 'key'
  /** Names the internal topic: the user's name, else made of columns and source. */
  readonly identity: string
  readonly onError: ErrorPolicy
}

export function groupNode(
  from: FrameNode,
  columns: readonly string[],
  options: { readonly name: string | null; readonly onError: ErrorPolicy },
): GroupNode {
  const { step, depth } = nextStep(from, 'groupBy')
  if (columns.length === 0 || new Set(columns).size !== columns.length) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `groupBy needs one or more different columns; got ${JSON.stringify(columns)}.`,
      { step },
    )
  }
  const types = columns.map(column => from.schema.typeOf(column))
  refuseNested(columns, types, step)
  return Object.freeze({
    kind: 'group',
    step,
    depth,
    schema: from.schema,
    key: { columns, encoding: { kind: 'group' as const }, isPartitioned: true },
    from,
    columns: Object.freeze([...columns]),
    types: Object.freeze(types),
    via: 'repartition' as const,
    identity:
      options.name ?? `by-${columns.join('-')}-${sourceOf(from).step}${stepsToSource(from)}`,
    onError: options.onError,
  })
}

/** Groupings after a grouping must not share its name. */
function stepsToSource(from: FrameNode): string {
  let groups = 0
  for (let at: PlanNode | null = from; at !== null; at = inputOf(at))
    if (at.kind === 'group') groups++
  return groups === 0 ? '' : `-${groups + 1}`
}

function refuseNested(columns: readonly string[], types: readonly DataType[], step: string): void {
  const nested = types.findIndex(({ kind }) => kind === 'list' || kind === 'struct')
  if (nested < 0) return
  throw new MillraceError(
    'TYPE_MISMATCH',
    `groups are by text, numbers, times, booleans or bytes; ${columns[nested]} is ` +
      `${types[nested]}. Make a column of its parts first: withColumns(c => …).`,
    { step },
  )
}
