/**
 * Tells sources outside Kafka which records the plan looks at: those that pass the conditions right
 * behind the source, on columns against literals.
 *
 * Results are the same with the records that a source leaves out and without. So conditions are
 * taken only up to the first step that does something with a record or may fail, and only where no
 * step behind the source depends on event time: a record that is filtered moves the watermark.
 */
import { canFault } from '../../expr/can-fault.ts'
import { compareCells } from '../../expr/compare.ts'
import type { CallExpr, Expr } from '../../expr/expr.ts'
import { inputOf, nodesOf, type OutputNode, type PlanNode } from '../../plan/node.ts'
import type { ProjectNode } from '../../plan/project.ts'
import type { SourceNode } from '../../plan/source.ts'
import type { ColumnBound, RecordsWanted } from '../../source/column-bound.ts'
import { onInput, type Rule, rewrite } from './rule.ts'

/** Steps whose results for a record depend on that record alone. */
const IS_TIMELESS: { readonly [K in PlanNode['kind']]: boolean } = {
  source: true,
  filter: true,
  project: true,
  stage: true,
  map: true,
  tap: true,
  lookup: false,
  headers: true,
  key: true,
  timestamp: true,
  'to-topic': true,
  sink: true,
  group: false,
  window: false,
  process: false,
  late: false,
  updates: false,
}

/** `literal < column` is `column > literal`. */
const TURNED = { eq: 'eq', gt: 'lt', gte: 'lte', lt: 'gt', lte: 'gte' } as const

export const pushWanted: Rule = {
  name: 'push-wanted',
  apply: outputs => {
    const readers = readersOf(outputs)
    return rewrite(outputs, (node, from) => {
      if (node.kind !== 'source') return onInput(node, from)
      const wanted = wantedOf(node, readers)
      return wanted === null ? node : Object.freeze({ ...node, wanted })
    })
  },
}

type Readers = ReadonlyMap<PlanNode, readonly PlanNode[]>

function readersOf(outputs: readonly OutputNode[]): Readers {
  const readers = new Map<PlanNode, PlanNode[]>()
  for (const node of nodesOf(outputs)) {
    const from = inputOf(node)
    if (from !== null) readers.set(from, [...(readers.get(from) ?? []), node])
  }
  return readers
}

/** Null = all. */
function wantedOf(node: SourceNode, readers: Readers): RecordsWanted | null {
  const { input } = node
  if (input.kind !== 'source' || !isTimeless(node, readers)) return null
  // A record whose time is missing or wrong is an error, whatever is behind.
  if (input.timestamp !== null) return null
  const names = new Map(node.schema.names.map(name => [name, name]))
  const wanted = alternatives(node, { bounds: [], names }, readers)
  return wanted.some(bounds => bounds.length === 0) ? null : wanted
}

function isTimeless(node: PlanNode, readers: Readers): boolean {
  return IS_TIMELESS[node.kind] && (readers.get(node) ?? []).every(r => isTimeless(r, readers))
}

interface Way {
  readonly bounds: readonly ColumnBound[]
  /** Columns of the source by the names that they have here. */
  readonly names: ReadonlyMap<string, string>
}

/** What each way from here to an output lets through. */
function alternatives(node: PlanNode, way: Way, readers: Readers): (readonly ColumnBound[])[] {
  return (readers.get(node) ?? []).flatMap(reader => {
    if (reader.kind === 'filter' && !canFault(reader.predicate)) {
      const bounds = [...way.bounds, ...boundsOf(reader.predicate, way.names)]
      return alternatives(reader, { ...way, bounds }, readers)
    }
    if (reader.kind === 'project' && !reader.columns.some(({ expr }) => canFault(expr))) {
      return alternatives(reader, { ...way, names: namesAfter(reader, way.names) }, readers)
    }
    return [way.bounds]
  })
}

function namesAfter({ columns }: ProjectNode, names: Way['names']): Way['names'] {
  return new Map(
    columns.flatMap(({ name, expr }) => {
      const before = expr.kind === 'column' ? names.get(expr.name) : undefined
      return before === undefined ? [] : [[name, before] as const]
    }),
  )
}

/** Each must hold where the condition is true. */
function boundsOf(condition: Expr, names: Way['names']): ColumnBound[] {
  if (condition.kind !== 'call') return []
  const { name, args } = condition
  if (name === 'and') return args.flatMap(arg => boundsOf(arg, names))
  if (name === 'isIn') return boundsOfList(condition, names)
  if (!isCompared(name)) return []
  const [left, right] = args as [Expr, Expr]
  const bound = boundOf(left, name, right, names) ?? boundOf(right, TURNED[name], left, names)
  return bound === null ? [] : [bound]
}

function isCompared(name: string): name is ColumnBound['is'] {
  return Object.hasOwn(TURNED, name)
}

function boundOf(
  expr: Expr,
  is: ColumnBound['is'],
  literal: Expr,
  names: Way['names'],
): ColumnBound | null {
  const column = expr.kind === 'column' ? names.get(expr.name) : undefined
  if (column === undefined || literal.kind !== 'literal') return null
  // The text of decimals has another order than they.
  if (expr.type.kind === 'decimal' || literal.type.kind === 'decimal') return null
  const { value } = literal
  const isOrdered = ['number', 'bigint', 'string'].includes(typeof value)
  if (!isOrdered || Number.isNaN(value)) return null
  return { column, is, value: value as ColumnBound['value'] }
}

/** One of the list: not below the least of it, not above the greatest. */
function boundsOfList({ args }: CallExpr, names: Way['names']): ColumnBound[] {
  const [value, ...literals] = args as [Expr, ...Expr[]]
  const bounds = literals.map(literal => boundOf(value, 'eq', literal, names))
  const known = bounds.filter(bound => bound !== null)
  const [first] = known
  if (first === undefined || known.length < bounds.length) return []
  const sorted = known.map(bound => bound.value).sort((a, b) => compareCells(a, b) ?? 0)
  const [least = first.value] = sorted
  const greatest = sorted.at(-1) ?? first.value
  return [
    { ...first, is: 'gte', value: least },
    { ...first, is: 'lte', value: greatest },
  ]
}
