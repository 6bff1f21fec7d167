/**
 * A user's functions over keyed rows, with state per key and timers.
 *
 * Rows that leave have the columns of `schema`; those that are also columns of the key are filled
 * in by the step, so where all of them are, the rows are still keyed by them.
 */
import type { Row } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Schema } from '../schema/schema.ts'
import type { StateDeclarations } from '../state/state-declaration.ts'
import { type FrameNode, type NodeBase, nextStep, sourceOf } from './node.ts'
import { type GroupColumn, refuseTimestampChange } from './window.ts'

export interface ProcessNode extends NodeBase {
  readonly kind: 'process'
  readonly from: FrameNode
  readonly groupColumns: readonly GroupColumn[]
  readonly states: StateDeclarations
  /** Null = state never expires. */
  readonly ttlMs: number | null
  readonly row: (row: Row, context: never) => unknown
  readonly timer: ((timer: never, context: never) => unknown) | null
  /** Names the state: the user's name, else made of grouping columns and source. */
  readonly identity: string
  readonly onError: ErrorPolicy
}

export type ProcessParts = Pick<
  ProcessNode,
  'groupColumns' | 'states' | 'ttlMs' | 'row' | 'timer' | 'onError' | 'schema'
> & { readonly name: string | null }

/** @param method of the frame that makes it. */
export function processNode(
  from: FrameNode,
  method: 'process' | 'reduce',
  parts: ProcessParts,
): ProcessNode {
  const { name, groupColumns, schema, states, ttlMs, row, timer, onError } = parts
  const place = nextStep(from, method)
  refuseTimestampChange(from, place.step, method)
  refuseOtherKey(groupColumns, schema, place.step)
  const columns = groupColumns.map(column => column.name)
  const isRaw = groupColumns.length === 0
  const isKept = !isRaw && columns.every(column => schema.has(column))
  return Object.freeze({
    kind: 'process',
    ...place,
    schema,
    key: {
      columns: isKept ? columns : null,
      encoding: isRaw ? from.key.encoding : { kind: 'group' as const },
      isPartitioned: true,
    },
    from,
    groupColumns,
    states,
    ttlMs,
    row,
    timer,
    identity: name ?? `${method}-${isRaw ? 'key' : columns.join('-')}-${sourceOf(from).step}`,
    onError,
  })
}

/** The names of its stores: states of keys, and where they are due by each kind of time. */
export function storesOfProcess({ identity }: ProcessNode): {
  readonly state: string
  readonly event: string
  readonly expiry: string
  readonly wall: string
} {
  return {
    state: identity,
    event: `${identity} (event timers)`,
    expiry: `${identity} (expiries)`,
    wall: `${identity} (wall timers)`,
  }
}

function refuseOtherKey(columns: readonly GroupColumn[], schema: Schema, step: string): void {
  for (const { name, type } of columns) {
    if (!schema.has(name) || schema.typeOf(name).sameKind(type)) continue
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `rows are keyed by ${JSON.stringify(name)}, which is ${type}, and the schema of the rows ` +
        `given out has a column of that name which is ${schema.typeOf(name)}. Give it the same ` +
        'type, or another name.',
      { step, field: name },
    )
  }
}
