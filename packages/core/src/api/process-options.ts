/**
 * What `process` and `reduce` take, and how it becomes a node of the plan. TypeScript refuses most
 * mistakes before; the checks here are for JavaScript.
 */

import { reduceAggregate } from '../aggregate/reduce.ts'
import type { Row as AnyRow } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import type { FunctionExpr } from '../expr/expr.ts'
import type { FrameNode } from '../plan/node.ts'
import { type ProcessNode, processNode } from '../plan/process.ts'
import type { GroupColumn, NamedAggregate } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import type { ProcessContext, Timer } from '../state/process-context.ts'
import {
  isStateDeclaration,
  type StateDeclarations,
  type ValueState,
  valueState,
} from '../state/state-declaration.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { parseName, parsePolicy, requireFunction, requireThat } from './step.ts'

interface KeyedOptions {
  /**
   * Names the state of the step, so that it is found again when the plan around it changes.
   */
  readonly name?: string
  /**
   * How long, in event time, the state and the timers of a key outlive its last record. Default:
   * for ever.
   */
  readonly ttl?: Duration
  /** What happens to a record or timer whose function throws. Default: that of the application. */
  readonly onError?: ErrorPolicy
}

/** @typeParam Key the columns of the key. */
export interface ProcessOptions<Row, Key, State, Out> extends KeyedOptions {
  /** What is kept for each key, by name: `{ total: valueState(t.float64()) }`. */
  readonly state?: State
  /** The columns of the rows that are given out. */
  readonly schema: Schema<Out>
  /** Called with each record, in the order of its partition. */
  row(row: Row, context: ProcessContext<Key, State, Out>): void
  /** Called with each timer that has come due. */
  timer?(timer: Timer, context: ProcessContext<Key, State, Out>): void
}

/** @typeParam Acc what is accumulated, a row of `schema`. */
export interface ReduceFunctions<Row, Acc> {
  /** The columns of what is accumulated. */
  readonly schema: Schema<Acc>
  /** From the first record. */
  init(row: Row): Acc
  /** From what was accumulated, and one more record. */
  add(accumulated: Acc, row: Row): Acc
}

export interface ReduceOptions<Row, Acc> extends KeyedOptions, ReduceFunctions<Row, Acc> {}

type AnyProcessOptions = ProcessOptions<AnyRow, AnyRow, StateDeclarations, AnyRow>

export function processFrom(
  from: FrameNode,
  groupColumns: readonly GroupColumn[],
  options: AnyProcessOptions,
  otherwise: ErrorPolicy,
): ProcessNode {
  const example =
    '{ schema, row(row, context) { … } }, and state: { total: valueState(t.float64()) }'
  requireThat(typeof options === 'object' && options !== null, `process needs ${example}`, options)
  const { state = {}, schema, row, timer, name, ttl, onError } = options
  requireThat(isClosed(schema), 'process needs the schema of the rows it gives out', schema)
  requireFunction(row, 'process', 'row(row, context) { context.emit({ … }) }')
  if (timer !== undefined) requireFunction(timer, 'timer of process', 'timer(timer, context) { … }')
  requireThat(typeof state === 'object' && state !== null, 'state needs an object', state)
  for (const [key, declaration] of Object.entries(state)) {
    const rule = `state ${JSON.stringify(key)} needs a declaration such as valueState(t.float64())`
    requireThat(isStateDeclaration(declaration), rule, declaration)
  }
  return processNode(from, 'process', {
    groupColumns,
    states: Object.freeze({ ...state }),
    schema,
    row: (each, context) => row.call(options, each, context),
    timer: timer === undefined ? null : (each, context) => timer.call(options, each, context),
    ttlMs: parseTtl(ttl),
    name: parseName(name, 'process'),
    onError: parsePolicy(onError, otherwise),
  })
}

/** A `reduce` without a window: what is accumulated is the one value of its key. */
export function reduceFrom(
  from: FrameNode,
  groupColumns: readonly GroupColumn[],
  options: ReduceOptions<AnyRow, AnyRow>,
  otherwise: ErrorPolicy,
): ProcessNode {
  const { schema, init, add } = checkedReduce(options)
  const { ttl, name, onError } = options
  const accumulated = valueState(schema)
  return processNode(from, 'reduce', {
    groupColumns,
    states: Object.freeze({ accumulated }),
    schema: new Schema([...groupColumns, ...schema.fields]),
    row: (row, context: ProcessContext<AnyRow, { accumulated: typeof accumulated }, AnyRow>) => {
      const kept: ValueState<AnyRow> = context.state.accumulated
      const before = kept.get()
      kept.set(before === null ? init(row) : add(before, row))
      // What is given out is what is kept.
      context.emit(kept.get() as AnyRow)
    },
    timer: null,
    ttlMs: parseTtl(ttl),
    name: parseName(name, 'reduce'),
    onError: parsePolicy(onError, otherwise),
  })
}

/** The functions of a `reduce`, checked. */
function checkedReduce(options: ReduceFunctions<AnyRow, AnyRow>): ReduceFunctions<AnyRow, AnyRow> {
  const isObject = typeof options === 'object' && options !== null
  requireThat(
    isObject,
    'reduce needs { schema, init(row) { … }, add(accumulated, row) { … } }',
    options,
  )
  const { schema, init, add } = options
  requireThat(isClosed(schema), 'reduce needs the schema of what it accumulates', schema)
  requireFunction(init, 'init of reduce', 'row => ({ n: 1 })')
  requireFunction(add, 'add of reduce', '(accumulated, row) => ({ n: accumulated.n + 1 })')
  return {
    schema,
    init: row => synchronous(init.call(options, row)),
    add: (accumulated, row) => synchronous(add.call(options, accumulated, row)),
  }
}

/** A `reduce` as the one aggregate of a window. */
export function reduceCall(functions: ReduceFunctions<AnyRow, AnyRow>): NamedAggregate {
  const { schema, init, add } = checkedReduce(functions)
  const aggregate = reduceAggregate(schema, { init, add })
  const type = aggregate.resultType(null)
  const input: FunctionExpr = { kind: 'function', apply: row => row, label: 'row', type: t.json() }
  return { name: 'reduce', aggregate, input, type, columns: schema.fields }
}

function synchronous(accumulated: AnyRow): AnyRow {
  if (!(accumulated instanceof Promise)) return accumulated
  accumulated.catch(() => {})
  throw new MillraceError(
    'FUNCTION_FAILED',
    'a function of reduce gave back a promise; it must be synchronous. Take `async` away.',
  )
}

function isClosed(schema: unknown): boolean {
  return schema instanceof Schema && !schema.isOpen
}

function parseTtl(ttl: Duration | undefined): number | null {
  if (ttl === undefined) return null
  const ms = durationMs(ttl, 'ttl')
  requireThat(ms > 0, 'ttl needs a time that is not 0', ttl)
  return ms
}
