/**
 * From a plan to a pipeline: rules, cut into parts, a factory of machines per part.
 *
 * Called once per run (and by `explain`); everything that depends on a partition happens in
 * `createGraph`.
 */
import { createHash } from 'node:crypto'
import { MillraceError } from '../errors.ts'
import { columnsRead } from '../expr/columns-read.ts'
import { evaluator } from '../expr/evaluate.ts'
import type { Expr } from '../expr/expr.ts'
import type { CellReader } from '../operator/cell-reader.ts'
import type {
  Pipeline,
  PipelineInput,
  StoreNeed,
  SubTopology,
  TopicNeed,
} from '../operator/pipeline.ts'
import { deadLetterTopics } from '../plan/dead-letter-topics.ts'
import type { OutputNode, PlanNode } from '../plan/node.ts'
import { type ProcessNode, storesOfProcess } from '../plan/process.ts'
import type { SourceNode } from '../plan/source.ts'
import type { TopicDefinition } from '../plan/topic-definition.ts'
import { topicsOf } from '../plan/topics-of.ts'
import { changedStoreOf, type WindowNode } from '../plan/window.ts'
import type { DataType } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { refuseWrongUnit } from '../schema/wrong-unit.ts'
import type { ColumnsRead } from '../serde/serde.ts'
import { explainParts } from './explain.ts'
import { type LowerContext, lowerPart } from './lower.ts'
import { applyRules, RULES } from './rules/index.ts'
import type { Rule } from './rules/rule.ts'
import { type PlanPart, partsOf } from './sub-topologies.ts'
import { updatesEvery } from './updates-every.ts'

export type { Pipeline }

export interface CompileOptions {
  /** Default: all. Results are the same without any. */
  readonly rules?: readonly Rule[]
  /** Most records in a batch that an operator makes. Default 1024. */
  readonly batchRecordsMax?: number
  /** False: expressions are interpreted; results are the same. Default true. */
  readonly generates?: boolean
  /** False: the run writes no dead letters and needs no topic for them. Default true. */
  readonly writesDeadLetters?: boolean
}

export function compile(outputs: readonly OutputNode[], options: CompileOptions = {}): Pipeline {
  const plan = applyRules(outputs, options.rules ?? RULES)
  const parts = partsOf(plan)
  refuseSharedTopics(parts)
  const explained = explainParts(parts)
  return {
    subTopologies: parts.map(part =>
      subTopology(part, parts, {
        batchRecordsMax: options.batchRecordsMax ?? 1024,
        generates: options.generates ?? true,
      }),
    ),
    topics: topicNeeds(plan, options.writesDeadLetters === false ? [] : outputs),
    fingerprint: createHash('sha256').update(explained).digest('base64url').slice(0, 16),
  }
}

/** The plan as it will run, as text. */
export function explain(outputs: readonly OutputNode[], options: CompileOptions = {}): string {
  return explainParts(partsOf(applyRules(outputs, options.rules ?? RULES)))
}

/** Frames refuse this where an output is attached; without the rule `reuse-key` there is more. */
function refuseSharedTopics(parts: readonly PlanPart[]): void {
  const known = new Set<string>()
  for (const { root } of parts) {
    if (root.kind !== 'group') continue
    if (!known.has(root.identity)) known.add(root.identity)
    else {
      throw new MillraceError(
        'INVALID_PLAN',
        `two groupings would send their records through one internal topic, ` +
          `${JSON.stringify(root.identity)}. Name them: groupBy(…, { name }).`,
        { step: root.step },
      )
    }
  }
}

/** Every part begins, directly or through internal topics, at one source. */
function endsForGood({ root, upstream }: PlanPart, parts: readonly PlanPart[]): boolean {
  if (root.kind === 'source') return root.input.kind === 'source' && root.input.source.isBounded
  return endsForGood(parts[upstream ?? 0] as PlanPart, parts)
}

function subTopology(
  part: PlanPart,
  parts: readonly PlanPart[],
  options: Pick<LowerContext, 'batchRecordsMax' | 'generates'>,
): SubTopology {
  return {
    id: part.id,
    input: inputOfPart(part),
    stores: part.members.flatMap(node => storeNeeds(node, part)),
    isFinite: endsForGood(part, parts),
    repartitions: part.members.flatMap(node =>
      node.kind === 'group' && node.via === 'repartition' ? [node.identity] : [],
    ),
    createGraph: place => lowerPart(part, { ...place, subTopology: part.id, ...options }),
  }
}

function storeNeeds(node: PlanNode, { members }: PlanPart): StoreNeed[] {
  if (node.kind === 'window') {
    const isRead = updatesEvery(node, members) !== null
    const store = storeNeed(node)
    // Of the same windows, so it is of no use without them.
    const fingerprint = `changed ${store.fingerprint}`
    return isRead ? [store, { identity: changedStoreOf(node), fingerprint }] : [store]
  }
  return node.kind === 'process' ? processStores(node) : []
}

/**
 * State of a key can be read as long as the key is the same. What is kept under which name is
 * looked at when it is read: a name may be added or taken away.
 */
function processStores(node: ProcessNode): StoreNeed[] {
  const groups = node.groupColumns.map(({ type }) => kindKept(type))
  return Object.entries(storesOfProcess(node)).map(([kind, identity]) => ({
    identity,
    fingerprint: `process ${kind} by ${groups}`,
  }))
}

/** What of a type decides the bytes of keys and sums: of decimals the scale too. */
function kindKept({ kind, scale }: DataType): string {
  return kind === 'decimal' ? `${kind} of scale ${scale}` : kind
}

/**
 * State of a window can be read as long as its groups, its windows and its aggregates are the same;
 * names of columns, expressions and everything around the step may change. The names of aggregates
 * only show when two have changed places (`runtime/stores-of.ts`).
 */
function storeNeed(node: WindowNode): StoreNeed {
  const { window, groupColumns, aggregates, identity } = node
  const groups = groupColumns.map(({ type }) => kindKept(type))
  const calls = aggregates.map(({ name, aggregate, input, columns }) => {
    const made = columns === undefined ? '' : ` ${new Schema(columns)}`
    const of = input === null ? '' : kindKept(input.type)
    const call = `${aggregate.name}(${of})${made.replaceAll(';', '_')}`
    return `${name.replace(/[^\p{L}\p{N}_.-]/gu, '_')}=${call}`
  })
  const size = `${window.kind} ${window.sizeMs}/${window.stepMs}`
  const fingerprint = `${size} by ${groups}: ${calls.join('; ')}`
  return { identity, fingerprint }
}

function inputOfPart(part: PlanPart): PipelineInput {
  const { root } = part
  if (root.kind === 'group') {
    const { identity, schema } = root
    return { kind: 'repartition', identity, upstream: part.upstream ?? 0, schema }
  }
  const { input } = root
  if (input.kind === 'topic') return topicInput(root, input.topic)
  const { source, resume = null, timestamp, disorderMs, onError } = input
  return {
    kind: 'local',
    source,
    resume,
    read: withColumns(root.read, timestamp),
    ...(root.wanted && { wanted: root.wanted }),
    timestamp: timestamp === null ? null : evaluator(timestamp),
    disorderMs,
    onError,
  }
}

function topicInput(root: SourceNode, topic: TopicDefinition): PipelineInput {
  const { key, keyColumn, value, timestamp, disorderMs, idleMs, onError } = topic
  const isKeyAdded = keyColumn !== null && !value.schema.has(keyColumn)
  const read = columnsToDecode(root.read, topic, isKeyAdded)
  return {
    kind: 'topic',
    topic: topic.name,
    decoder: () => value.decoder(read),
    key:
      keyColumn === null || key === null
        ? null
        : { column: keyColumn, serde: key, isAdded: isKeyAdded },
    timestamp: timestamp === null ? null : eventTime(timestamp),
    disorderMs,
    idleMs,
    onError,
  }
}

/**
 * What the value decoder builds: columns read by the plan, by event time and by the check of the
 * key.
 */
function columnsToDecode(
  read: ColumnsRead,
  topic: TopicDefinition,
  isKeyAdded: boolean,
): ColumnsRead {
  const columns = withColumns(read, topic.timestamp)
  if (columns === 'all' || topic.keyColumn === null) return columns
  const { keyColumn } = topic
  if (isKeyAdded) return columns.filter(name => name !== keyColumn)
  return columns.includes(keyColumn) ? columns : [...columns, keyColumn]
}

/**
 * Event time of a topic. Timestamps were checked when they were decoded; plain numbers are checked
 * here, as the record's own timestamp is.
 */
function eventTime(expr: Expr): CellReader {
  const read = evaluator(expr)
  if (expr.type.kind === 'timestamp') {
    return expr.kind === 'column' ? Object.assign(read, { column: expr.name }) : read
  }
  return batch => {
    const cellAt = read(batch)
    return index => {
      const cell = cellAt(index)
      refuseWrongUnit(Number(cell))
      return cell
    }
  }
}

function withColumns(read: ColumnsRead, expr: Expr | null): ColumnsRead {
  if (read === 'all' || expr === null) return read
  const more = columnsRead(expr)
  return more === 'all' ? 'all' : [...new Set([...read, ...more])]
}

function topicNeeds(
  outputs: readonly OutputNode[],
  deadLettersOf: readonly OutputNode[],
): TopicNeed[] {
  const needs = new Map<string, TopicNeed>()
  for (const topic of topicsOf(outputs)) needs.set(topic.name, topicNeed(topic))
  for (const topic of deadLetterTopics(deadLettersOf).values()) {
    const isKnown = needs.has(topic.name) && topic.create === null
    if (!isKnown) needs.set(topic.name, topicNeed(topic))
  }
  return [...needs.values()]
}

function topicNeed({ name, create }: Pick<TopicDefinition, 'name' | 'create'>): TopicNeed {
  if (create === null) return { name, create: null }
  const { partitions, replicationFactor = -1, config = {} } = create
  return { name, create: { partitions, replicationFactor, config } }
}
