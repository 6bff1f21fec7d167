/**
 * From plan nodes to machines: the one table that knows both.
 *
 * `LOWERINGS` has an entry per kind of node, so a forgotten node does not compile. A node without a
 * machine of its own (a grouping by the key, late records) gives null and its readers are wired to
 * what stands before it.
 */
import { twinOf } from '../aggregate/shared-state.ts'
import { evaluator } from '../expr/evaluate.ts'
import type { Expr } from '../expr/expr.ts'
import type { CellReader } from '../operator/cell-reader.ts'
import { LookupOperator } from '../operator/lookup.ts'
import { MapOperator } from '../operator/map.ts'
import type { Operator } from '../operator/operator.ts'
import { type GraphNode, OperatorGraph } from '../operator/operator-graph.ts'
import type { TaskPlace } from '../operator/pipeline.ts'
import { ProcessOperator } from '../operator/process.ts'
import type { ProcessFunctions } from '../operator/process-options.ts'
import { editHeaders, editKey, editTimestamp, RecordEditOperator } from '../operator/record-edit.ts'
import { RepartitionOperator } from '../operator/repartition.ts'
import { SinkOperator } from '../operator/sink.ts'
import { TapOperator } from '../operator/tap.ts'
import { ToTopicOperator } from '../operator/to-topic.ts'
import {
  WindowAggregateOperator,
  type WindowAggregateOptions,
} from '../operator/window-aggregate.ts'
import { inputOf, type PlanNode } from '../plan/node.ts'
import { type ProcessNode, storesOfProcess } from '../plan/process.ts'
import { changedStoreOf, type WindowNode } from '../plan/window.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { letsGo } from './lets-go.ts'
import { lowerStage } from './lower-stage.ts'
import { sinkKey } from './sink-key.ts'
import type { PlanPart } from './sub-topologies.ts'
import { updatesEvery } from './updates-every.ts'

export interface LowerContext extends TaskPlace {
  readonly subTopology: number
  readonly batchRecordsMax: number
  /** False: everything is interpreted. */
  readonly generates: boolean
}

interface PartContext extends LowerContext {
  readonly readersOf: (node: PlanNode) => readonly PlanNode[]
}

type Lowerings = {
  readonly [K in PlanNode['kind']]: (
    node: Extract<PlanNode, { kind: K }>,
    context: PartContext,
  ) => Operator | null
}

const LOWERINGS: Lowerings = {
  source: () => null,
  filter: (node, { generates }) => lowerStage([node], generates),
  project: (node, { generates }) => lowerStage([node], generates),
  stage: (node, { generates }) => lowerStage(node.steps, generates),
  map: ({ step, schema, expands, apply, reads, onError }) =>
    new MapOperator({
      name: step,
      schema,
      expands,
      apply,
      reads: reads.names,
      givesNewObject: reads.givesNewObject,
      onError,
    }),
  tap: ({ step, apply, reads, onError }) => new TapOperator(step, apply, onError, reads),
  lookup: ({ step, lookup, schema, from, on, fields, cache, onError }) =>
    new LookupOperator({
      name: step,
      lookup: lookup.create(),
      perRecord: lookup.perRecord ?? false,
      schema,
      on,
      codec: groupKeyCodec(on.map(name => from.schema.typeOf(name))),
      fields,
      cache,
      onError,
    }),
  key: ({ step, expr, serde, onError }) =>
    new RecordEditOperator(step, editKey(evaluator(expr), serde), onError),
  timestamp: ({ step, expr, onError }) =>
    new RecordEditOperator(step, editTimestamp(evaluator(expr)), onError),
  headers: ({ step, apply, onError }) => new RecordEditOperator(step, editHeaders(apply), onError),
  group: (node, context) =>
    node.via === 'key'
      ? null
      : new RepartitionOperator({
          name: node.step,
          topic: context.internalTopic(node.identity),
          schema: node.schema,
          group: { codec: groupKeyCodec(node.types), columns: node.columns },
          onError: node.onError,
        }),
  window: lowerWindow,
  process: lowerProcess,
  late: () => null,
  updates: () => null,
  'to-topic': ({ step, topic, schema, outputKey, onError }) =>
    new ToTopicOperator({
      name: step,
      topic: topic.name,
      encoder: topic.value.encoder(schema),
      key: outputKey.kind === 'pass' ? null : outputKey,
      onError,
    }),
  sink: ({ step, sink, key, schema, computed, onError }, { subTopology, partition }) =>
    new SinkOperator({
      name: step,
      sink: sink.create(`${subTopology}/${partition}`),
      schema,
      key: sinkKey(key, schema),
      computed,
      onError,
    }),
}

/** The machines of one task, wired as the plan says. */
export function lowerPart(part: PlanPart, context: LowerContext): OperatorGraph {
  const readersOf = (node: PlanNode) => part.members.filter(member => inputOf(member) === node)
  const nodes: (Ports & { readonly operator: Operator })[] = []
  const roots: number[] = []
  /** Who hands on the records of a plan node: the ports where its readers are wired. */
  const ports = new Map<PlanNode, number[]>([[part.root, roots]])
  for (const node of part.members) {
    const from = inputOf(node) as PlanNode
    const lower = LOWERINGS[node.kind] as (node: PlanNode, context: PartContext) => Operator | null
    const operator = lower(node, { ...context, readersOf })
    if (operator === null) {
      const port = ports.get(from) as number[]
      const before = nodes.find(({ targets }) => targets === port)
      ports.set(node, before === undefined ? port : portOf(node, before))
      continue
    }
    ports.get(from)?.push(nodes.length)
    const made = { operator, targets: [], lateTargets: [], updateTargets: [] }
    nodes.push(made)
    if (node !== part.root) ports.set(node, made.targets)
  }
  return new OperatorGraph(nodes satisfies GraphNode[], roots, letsGo(part))
}

interface Ports {
  readonly targets: number[]
  readonly lateTargets: number[]
  readonly updateTargets: number[]
}

/** Where the records of a node without a machine come from. */
function portOf({ kind }: PlanNode, before: Ports): number[] {
  if (kind === 'late') return before.lateTargets
  return kind === 'updates' ? before.updateTargets : before.targets
}

function lowerWindow(node: WindowNode, context: PartContext): Operator {
  const { step, identity, window, schema, groupColumns, aggregates, onError } = node
  const types = groupColumns.map(({ type }) => type)
  const columns = groupColumns.map(({ name, type }) => reader({ kind: 'column', name, type }))
  const machines = aggregates.map(({ aggregate, input }) => ({
    aggregator: aggregate.create(input?.type ?? null),
    input: input === null ? null : reader(input),
    column: input?.kind === 'column' ? input.name : null,
  }))
  return new WindowAggregateOperator({
    name: step,
    identity,
    storeId: context.storeId(node.identity),
    memory: context.memory,
    window,
    schema,
    group:
      groupColumns.length === 0
        ? null
        : {
            codec: groupKeyCodec(types),
            columns,
            names: groupColumns.map(({ name }) => name),
          },
    aggregates: machines.map((machine, at) => ({ ...machine, twin: twinOf(machines, at) })),
    onError,
    batchRecordsMax: context.batchRecordsMax,
    updates: updatesOf(node, context),
  })
}

/** How the results of a window go out while it is open; null = they do not. */
function updatesOf(
  node: WindowNode,
  { readersOf, storeId }: PartContext,
): WindowAggregateOptions['updates'] {
  const readers = readersOf(node)
  const everyMs = updatesEvery(node, readers)
  if (everyMs === null) return null
  const alsoFinal = readers.some(({ kind }) => kind !== 'updates' && kind !== 'late')
  return { storeId: storeId(changedStoreOf(node)), everyMs, alsoFinal }
}

function lowerProcess(node: ProcessNode, context: PartContext): Operator {
  const { step, identity, schema, groupColumns, states, ttlMs, row, timer, onError } = node
  const stores = storesOfProcess(node)
  const types = groupColumns.map(({ type }) => type)
  return new ProcessOperator({
    name: step,
    identity,
    stores: {
      state: context.storeId(stores.state),
      event: context.storeId(stores.event),
      expiry: context.storeId(stores.expiry),
      wall: context.storeId(stores.wall),
    },
    memory: context.memory,
    group:
      groupColumns.length === 0
        ? null
        : {
            codec: groupKeyCodec(types),
            columns: groupColumns.map(({ name, type }) => reader({ kind: 'column', name, type })),
            names: groupColumns.map(({ name }) => name),
          },
    states,
    ttlMs,
    schema,
    functions: { row, timer } as ProcessFunctions,
    onError,
    batchRecordsMax: context.batchRecordsMax,
  })
}

function reader(expr: Expr): CellReader {
  return evaluator(expr)
}
