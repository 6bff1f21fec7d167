/**
 * Finds which columns every part of the plan reads and brings that down to the sources, so that a
 * decoder builds no column that nobody looks at, and internal topics carry no more than is read
 * behind them.
 *
 * First pass, from outputs to sources: what each node needs of its input. Second pass, from sources
 * to outputs: the nodes with their narrowed columns. Whether a record is valid does not depend on
 * it: decoders check every column, and a computed column that may fail stays where it is.
 */
import { canFault } from '../../expr/can-fault.ts'
import { columnsOfNames, columnsRead } from '../../expr/columns-read.ts'
import type { Expr } from '../../expr/expr.ts'
import type { GroupNode } from '../../plan/group.ts'
import { type LookupNode, withFields } from '../../plan/lookup.ts'
import { inputOf, nodesOf, type OutputNode, type PlanNode } from '../../plan/node.ts'
import { type ProjectedColumn, type ProjectNode, passed } from '../../plan/project.ts'
import type { SourceNode } from '../../plan/source.ts'
import { Schema } from '../../schema/schema.ts'
import { onInput, type Rule, rewrite } from './rule.ts'

/** Names, or the whole row. */
type Needed = ReadonlySet<string> | 'all'

type Needs = {
  readonly [K in PlanNode['kind']]: (node: Extract<PlanNode, { kind: K }>, needed: Needed) => Needed
}

const NEEDS: Needs = {
  source: (_, needed) => needed,
  filter: (node, needed) => union(needed, [node.predicate]),
  project: projectNeeds,
  stage: (node, needed) =>
    node.steps.reduceRight<Needed>(
      (after, step) =>
        step.kind === 'filter' ? union(after, [step.predicate]) : projectNeeds(step, after),
      needed,
    ),
  map: node => readsOf(node.reads.names, node.from.schema),
  process: () => 'all',
  tap: (node, needed) => join(needed, readsOf(node.reads, node.from.schema)),
  lookup: lookupNeeds,
  headers: () => 'all',
  key: (node, needed) => union(needed, [node.expr]),
  timestamp: (node, needed) => union(needed, [node.expr]),
  group: (node, needed) => join(needed, new Set(node.columns)),
  window: node => {
    const inputs = node.aggregates.flatMap(({ input }) => (input === null ? [] : [input]))
    return union(new Set(node.groupColumns.map(({ name }) => name)), inputs)
  },
  late: (_, needed) => needed,
  updates: () => 'all',
  'to-topic': () => 'all',
  sink: () => 'all',
}

function lookupNeeds({ on, fields }: LookupNode, needed: Needed): Needed {
  if (needed === 'all') return 'all'
  const found = new Set(fields.map(({ name }) => name))
  return new Set([...[...needed].filter(name => !found.has(name)), ...on])
}

function readsOf(names: readonly string[] | null, schema: Schema): Needed {
  const columns = columnsOfNames(names, schema)
  return columns === 'all' ? 'all' : new Set(columns)
}

export const pushReadColumns: Rule = {
  name: 'push-read-columns',
  apply: outputs => {
    const needed = neededOf(outputs)
    return rewrite(outputs, (node, from) =>
      narrowed(onInput(node, from), needed.get(node) ?? 'all'),
    )
  },
}

/** What is needed of each node's rows by all who read them. */
function neededOf(outputs: readonly OutputNode[]): ReadonlyMap<PlanNode, Needed> {
  const needed = new Map<PlanNode, Needed>()
  const need = (node: PlanNode, columns: Needed): void => {
    const before = needed.get(node)
    needed.set(node, before === undefined ? columns : join(before, columns))
  }
  for (const node of nodesOf(outputs).reverse()) {
    const from = inputOf(node)
    if (from === null) continue
    const needs = NEEDS[node.kind] as (node: PlanNode, needed: Needed) => Needed
    const columns = needs(node, needed.get(node) ?? 'all')
    if (node.kind === 'late') need(node.from.from, columns)
    else need(from, columns)
  }
  return needed
}

function projectNeeds(node: ProjectNode, needed: Needed): Needed {
  const used = node.columns.filter(column => isKept(column, needed))
  const read = union(
    new Set(),
    used.map(({ expr }) => expr),
  )
  if (node.omit === null) return read
  if (needed === 'all') return 'all'
  return join(read, new Set([...needed].filter(name => !node.schema.has(name))))
}

function narrowed(node: PlanNode, needed: Needed): PlanNode {
  if (node.kind === 'source') return narrowedSource(node, needed)
  if (node.kind === 'project') return narrowedProject(node, needed)
  if (node.kind === 'window' || node.kind === 'process') return node
  if (node.kind === 'map' || node.kind === 'stage') return node
  if (node.kind === 'lookup') return withSchema(node, withFields(node.from.schema, node.fields))
  const from = node.kind === 'late' ? node.from.from : node.from
  if (node.kind === 'group') return narrowedGroup(node, needed)
  return withSchema(node, from.schema)
}

function withSchema(node: PlanNode, schema: Schema): PlanNode {
  return Object.freeze({ ...node, schema }) as PlanNode
}

function narrowedSource(node: SourceNode, needed: Needed): SourceNode {
  if (needed === 'all') return node
  const { schema } = node
  const declared = schema.names.filter(name => needed.has(name))
  const found = [...needed].filter(name => !schema.has(name)).sort()
  const read = [...declared, ...found]
  return Object.freeze({ ...node, read, schema: pick(schema, read) })
}

/** A column that nobody reads is left out, unless a record may fail in it. */
function isKept({ name, expr }: ProjectedColumn, needed: Needed): boolean {
  return needed === 'all' || needed.has(name) || canFault(expr)
}

/** What goes over the wire: nothing that is not read behind the group. */
function narrowedGroup(node: GroupNode, needed: Needed): GroupNode {
  const { schema } = node.from
  if (needed === 'all') return Object.freeze({ ...node, schema })
  const read = schema.names.filter(name => needed.has(name) || node.columns.includes(name))
  return Object.freeze({ ...node, schema: pick(schema, read) })
}

function narrowedProject(node: ProjectNode, needed: Needed): ProjectNode {
  if (needed === 'all') return node
  const kept = node.columns.filter(column => isKept(column, needed))
  const found = [...needed].filter(name => !node.schema.has(name)).sort()
  const columns = [...kept, ...found.map(name => passed(name, node.schema.typeOf(name)))]
  const schema = pick(
    node.schema,
    columns.map(({ name }) => name),
  )
  return Object.freeze({ ...node, columns, omit: null, schema })
}

function pick(schema: Schema, names: readonly string[]): Schema {
  return new Schema(names.map(name => ({ name, type: schema.typeOf(name) })))
}

function union(needed: Needed, exprs: readonly Expr[]): Needed {
  return exprs.reduce<Needed>((all, expr) => {
    const read = columnsRead(expr)
    return join(all, read === 'all' ? 'all' : new Set(read))
  }, needed)
}

function join(left: Needed, right: Needed): Needed {
  return left === 'all' || right === 'all' ? 'all' : new Set([...left, ...right])
}
