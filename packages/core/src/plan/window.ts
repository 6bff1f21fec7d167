/**
 * Aggregates per group and time window, given out once, when the window has closed (`final`), or as
 * they change (`updates`).
 *
 * Rows that leave: the group columns, `window_start`, `window_end` (epoch milliseconds), then the
 * aggregates. Key = group key; timestamp = greatest event time in the window.
 */
import type { ResolvedAggregate } from '../aggregate/aggregate-call.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { DataType } from '../schema/data-type.ts'
import { t } from '../schema/data-type.ts'
import { type Field, Schema } from '../schema/schema.ts'
import type { TimeWindow } from '../window/window.ts'
import {
  type FrameNode,
  inputOf,
  type NodeBase,
  nextStep,
  type PlanNode,
  sourceOf,
} from './node.ts'

export interface NamedAggregate extends ResolvedAggregate {
  readonly name: string
  /** What leaves, where it is more than one column of `name` and `type`. */
  readonly columns?: readonly Field[]
}

/** The columns a window is grouped by; none = the bytes of the record key. */
export interface GroupColumn {
  readonly name: string
  readonly type: DataType
}

export interface WindowNode extends NodeBase {
  readonly kind: 'window'
  readonly from: FrameNode
  readonly window: TimeWindow
  readonly groupColumns: readonly GroupColumn[]
  readonly aggregates: readonly NamedAggregate[]
  /** Names the state: the user's name, else made of grouping columns and source. */
  readonly identity: string
  readonly onError: ErrorPolicy
}

const WINDOW_START = 'window_start'
const WINDOW_END = 'window_end'

export function windowNode(
  from: FrameNode,
  parts: Pick<WindowNode, 'window' | 'groupColumns' | 'aggregates' | 'onError'> & {
    readonly name: string | null
    /** The user's method. Default: `agg`. */
    readonly method?: 'agg' | 'reduce'
  },
): WindowNode {
  const { window, groupColumns, aggregates, onError } = parts
  const place = nextStep(from, parts.method ?? 'agg')
  if (aggregates.length === 0) {
    throw new MillraceError('INVALID_PLAN', 'agg needs at least one aggregate.', {
      step: place.step,
    })
  }
  refuseTimestampChange(from, place.step)
  const columns = groupColumns.map(column => column.name)
  const isRaw = groupColumns.length === 0
  return Object.freeze({
    kind: 'window',
    ...place,
    schema: new Schema([
      ...groupColumns,
      { name: WINDOW_START, type: t.timestamp() },
      { name: WINDOW_END, type: t.timestamp() },
      ...aggregates.flatMap(({ name, type, columns }) => columns ?? [{ name, type }]),
    ]),
    key: {
      columns: isRaw ? null : columns,
      encoding: isRaw ? from.key.encoding : { kind: 'group' as const },
      isPartitioned: true,
    },
    from,
    window,
    groupColumns,
    aggregates,
    identity:
      parts.name ?? `${window.kind}-${isRaw ? 'key' : columns.join('-')}-${sourceOf(from).step}`,
    onError,
  })
}

/** Names what says which windows have changed since they were last given out. */
export function changedStoreOf({ identity }: WindowNode): string {
  return `${identity} (changed)`
}

/** Time that was changed on the way is not the time of the source's watermark. */
export function refuseTimestampChange(from: FrameNode, step: string, what = 'a window'): void {
  for (let at: PlanNode | null = from; at !== null; at = inputOf(at)) {
    if (at.kind !== 'timestamp') continue
    throw new MillraceError(
      'INVALID_PLAN',
      `event time of ${what} cannot be changed by ${at.step}: a watermark belongs to a ` +
        'source partition. ' +
        'Give the time on the topic: app.topic(name, { timestamp: … }).',
      { step },
    )
  }
}
