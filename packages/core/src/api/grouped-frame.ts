/**
 * Frames on the way to an aggregate: grouped, windowed, aggregated. Each has the few methods that
 * make sense there.
 */
import type { Columns } from '../expr/facets.ts'
import type { GroupNode } from '../plan/group.ts'
import { lateNode } from '../plan/late.ts'
import type { FrameNode } from '../plan/node.ts'
import { type GroupColumn, type WindowNode, windowNode } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { TimeWindow } from '../window/window.ts'
import type { FrameHost } from './frame-host.ts'
import type { Aggregates, WindowRow } from './row-types.ts'
import { parseAggregates, parseName, parsePolicy, requireThat } from './step.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

export interface WindowOptions {
  /** Names the state of the step, so that it is found again when the plan around it changes. */
  readonly name?: string
  /** What happens to a record that cannot be added. Default: that of the application. */
  readonly onError?: ErrorPolicy
}

/** Records brought together by columns; choose a window next. */
export class GroupedFrame<Row, Group extends keyof Row> {
  readonly #host: FrameHost
  readonly #node: GroupNode

  /** @internal */
  constructor(host: FrameHost, node: GroupNode) {
    this.#host = host
    this.#node = node
  }

  /** Cuts event time into windows, for each group apart. */
  window(window: TimeWindow, options: WindowOptions = {}): WindowedFrame<Row, Group> {
    const { columns, types } = this.#node
    const groupColumns = columns.map((name, i) => ({ name, type: types[i] as GroupColumn['type'] }))
    return new WindowedFrame(this.#host, this.#node, { window, groupColumns, ...options })
  }
}

interface WindowParts extends WindowOptions {
  readonly window: TimeWindow
  readonly groupColumns: readonly GroupColumn[]
}

/** Records in groups and windows; choose aggregates next. */
export class WindowedFrame<Row, Group extends keyof Row> {
  readonly #host: FrameHost
  readonly #node: FrameNode
  readonly #parts: WindowParts

  /** @internal */
  constructor(host: FrameHost, node: FrameNode, parts: WindowParts) {
    const isWindow = typeof parts.window?.sizeMs === 'number'
    requireThat(isWindow, "window needs a window, for example tumbling('10s')", parts.window)
    parseName(parts.name, 'window')
    parsePolicy(parts.onError, host.onError)
    this.#host = host
    this.#node = node
    this.#parts = parts
  }

  /**
   * Aggregates per group and window. Null cells are left out; `count()` counts records.
   *
   * @example
   * windowed.agg(c => ({ n: count(), total: sum(c.amount) }))
   */
  agg<const A extends Aggregates>(
    aggregates: (c: Columns<Row>) => A,
  ): AggregatedFrame<Row, WindowRow<Row, Group, A>> {
    const { window, groupColumns, name = null, onError = this.#host.onError } = this.#parts
    const named = parseAggregates(this.#node, aggregates)
    const parts = { window, groupColumns, aggregates: named, name, onError }
    return new AggregatedFrame(this.#host, windowNode(this.#node, parts))
  }
}

/** Aggregated windows; say when results come out. */
export class AggregatedFrame<Row, Result> {
  readonly #host: FrameHost
  readonly #node: WindowNode

  /** @internal */
  constructor(host: FrameHost, node: WindowNode) {
    this.#host = host
    this.#node = node
  }

  /**
   * One row per group and window, when the window has closed: at its end + grace in event time.
   * Never changed after.
   */
  final(): StreamingDataFrame<Result> {
    return this.#host.frame<Result>(this.#node)
  }

  /** The records that came too late for their window, as they were in front of it. */
  late(): StreamingDataFrame<Row> {
    return this.#host.frame<Row>(lateNode(this.#node))
  }
}
