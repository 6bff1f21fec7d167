/**
 * New columns from old ones: the one node behind select, withColumns, drop, rename and fillNull,
 * and behind the columns that a sink wants computed.
 *
 * `columns` are all declared columns that leave the node, in order. In an open frame the undeclared
 * columns pass too, except those in `omit`; `omit` null closes the frame (select).
 */
import { MillraceError } from '../errors.ts'
import type { Expr } from '../expr/expr.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { DataType } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { renamedKey } from './key-info.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

export interface ProjectedColumn {
  readonly name: string
  readonly expr: Expr
}

export interface ProjectNode extends NodeBase {
  readonly kind: 'project'
  readonly from: FrameNode
  readonly columns: readonly ProjectedColumn[]
  /** Undeclared columns of an open frame that do not pass; null = none passes. */
  readonly omit: readonly string[] | null
  readonly onError: ErrorPolicy
}

export type ProjectName = 'select' | 'withColumns' | 'drop' | 'rename' | 'fillNull' | 'columns'

export function projectNode(
  from: FrameNode,
  name: ProjectName,
  parts: Pick<ProjectNode, 'columns' | 'omit' | 'onError'>,
): ProjectNode {
  const { columns, omit } = parts
  if (columns.length === 0 && (omit === null || !from.schema.isOpen)) {
    throw new MillraceError(
      'INVALID_PLAN',
      `${name} leaves no column. Keep at least one; to use only the keys, select a literal.`,
      { step: nextStep(from, name).step },
    )
  }
  const isOpen = omit !== null && from.schema.isOpen
  return Object.freeze({
    kind: 'project',
    ...nextStep(from, name),
    schema: new Schema(
      columns.map(({ name: column, expr }) => ({ name: column, type: expr.type })),
      isOpen,
    ),
    key: renamedKey(from.key, column => nameAfter(columns, isOpen, omit, column)),
    from,
    columns: Object.freeze([...columns]),
    omit: isOpen ? omit : null,
    onError: parts.onError,
  })
}

/** A column passed on as it is. */
export function passed(name: string, type: DataType): ProjectedColumn {
  return { name, expr: Object.freeze({ kind: 'column', name, type }) }
}

function nameAfter(
  columns: readonly ProjectedColumn[],
  isOpen: boolean,
  omit: readonly string[] | null,
  column: string,
): string | undefined {
  const same = columns.filter(({ expr }) => expr.kind === 'column' && expr.name === column)
  // Of several copies the one that kept the name is the column; another may be changed later.
  const [first] = same
  if (first !== undefined) return same.some(({ name }) => name === column) ? column : first.name
  const isOverwritten = columns.some(({ name }) => name === column)
  return isOpen && omit?.includes(column) === false && !isOverwritten ? column : undefined
}
