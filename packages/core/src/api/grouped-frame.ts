/**
 * Frames on the way to an aggregate: grouped, windowed, aggregated. Each has the few methods that
 * make sense there.
 */
import type { Columns } from '../expr/facets.ts'
import type { GroupNode } from '../plan/group.ts'
import { lateNode } from '../plan/late.ts'
import type { FrameNode } from '../plan/node.ts'
import { updatesNode } from '../plan/updates.ts'
import { type GroupColumn, type WindowNode, windowNode } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { StateDeclarations } from '../state/state-declaration.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import type { TimeWindow } from '../window/window.ts'
import type { FrameHost } from './frame-host.ts'
import {
  type ProcessOptions,
  processFrom,
  type ReduceFunctions,
  type ReduceOptions,
  reduceCall,
  reduceFrom,
} from './process-options.ts'
import type { Aggregates, ReducedRow, Simplify, WindowRow } from './row-types.ts'
import { parseAggregates, parseName, parsePolicy, requireThat } from './step.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

export interface WindowOptions {
  /** Names the state of the step, so that it is found again when the plan around it changes. */
  readonly name?: string
  /** What happens to a record that cannot be added. Default: that of the application. */
  readonly onError?: ErrorPolicy
}

export interface UpdatesOptions {
  /** The least wall time between two updates. Default: none, so they come at each commit. */
  readonly every?: Duration
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
    const groupColumns = this.#columns()
    return new WindowedFrame(this.#host, this.#node, { window, groupColumns, ...options })
  }

  /**
   * Functions with state and timers, for each group apart. A call that throws changes nothing.
   *
   * @example
   * grouped.process({
   *   state: { count: valueState(t.int32()) },
   *   schema: schema({ user_id: t.string(), count: t.int32() }),
   *   row(row, { state, emit }) {
   *     state.count.set((state.count.get() ?? 0) + 1)
   *     emit({ count: state.count.get() ?? 0 })
   *   },
   * })
   */
  process<Out extends object, State extends StateDeclarations = Record<never, never>>(
    options: ProcessOptions<Row, Pick<Row, Group>, State, Out>,
  ): StreamingDataFrame<Out> {
    const { onError } = this.#host
    const node = processFrom(this.#node, this.#columns(), options as never, onError)
    return this.#host.frame<Out>(node)
  }

  /**
   * What a function makes of all records of a group, given out after each.
   *
   * @example
   * grouped.reduce({
   *   schema: schema({ total: t.float64() }),
   *   init: row => ({ total: row.amount }),
   *   add: ({ total }, row) => ({ total: total + row.amount }),
   * })
   */
  reduce<Acc extends object>(
    options: ReduceOptions<Row, Acc>,
  ): StreamingDataFrame<Simplify<Pick<Row, Group> & Acc>> {
    const { onError } = this.#host
    return this.#host.frame(reduceFrom(this.#node, this.#columns(), options as never, onError))
  }

  #columns(): GroupColumn[] {
    const { columns, types } = this.#node
    return columns.map((name, i) => ({ name, type: types[i] as GroupColumn['type'] }))
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

  /**
   * What functions make of the records of a group and window, in the order in which they come: a
   * row from the first record, and one from the row so far and the next.
   *
   * @example
   * windowed.reduce({
   *   schema: schema({ longest: t.string() }),
   *   init: row => ({ longest: row.note }),
   *   add: ({ longest }, { note }) => ({ longest: note.length > longest.length ? note : longest }),
   * })
   */
  reduce<Acc extends object>(
    functions: ReduceFunctions<Row, Acc>,
  ): AggregatedFrame<Row, ReducedRow<Row, Group, Acc>> {
    const { window, groupColumns, name = null, onError = this.#host.onError } = this.#parts
    const aggregates = [reduceCall(functions as never)]
    const parts = { window, groupColumns, aggregates, name, onError, method: 'reduce' as const }
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

  /**
   * One row per group and window that has changed, with its value now: at a commit, `every` or more
   * after the last time; and the last value of a window when it closes, if it changed since. So the
   * last row of a group and window is what `final` gives. Which values come before depends on when
   * commits are.
   *
   * @example
   * aggregated.updates({ every: '10s' })
   */
  updates(options: UpdatesOptions = {}): StreamingDataFrame<Result> {
    const { every = 0 } = options
    return this.#host.frame<Result>(updatesNode(this.#node, durationMs(every, 'every')))
  }

  /** The records that came too late for their window, as they were in front of it. */
  late(): StreamingDataFrame<Row> {
    return this.#host.frame<Row>(lateNode(this.#node))
  }
}
